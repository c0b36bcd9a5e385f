package launch

import (
	"context"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// rangeEnds finds where the sources of a batch job end, once for all workers: at what they hold now that is committed, or at the time that its manifest
// says. It is nil for other jobs, and where the run fills topics itself: then the ends are those of what was filled in.
func (r *run) rangeEnds(ctx context.Context) (map[kafka.Partition]int64, error) {
	if !r.job.batch {
		return nil, nil
	}
	timed := r.job.endAt != nil && r.job.endAt.Type == v1alpha1.EndTimestamp
	switch {
	case len(r.options.Inputs) > 0 && timed:
		return nil, fault.New(fault.User, fault.InField("--input"), "the job ends at a time of its topics' records, spec.endAt, and those of files have the time of this run").
			Do("take spec.endAt out: files are read to their ends")
	case len(r.options.Inputs) > 0:
		return nil, nil
	}
	ends := map[kafka.Partition]int64{}
	topics := r.job.plan.SourceTopics()
	if len(topics) == 0 {
		return ends, nil
	}
	client, err := r.broker.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	stable, err := admin.ListCommittedOffsets(ctx, topics...)
	if err == nil {
		err = stable.Error()
	}
	found := stable
	if err == nil && timed {
		if found, err = admin.ListOffsetsAfterMilli(ctx, r.job.endAt.Timestamp.UnixMilli(), topics...); err == nil {
			err = found.Error()
		}
	}
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "find the ends of the input")
	}
	found.Each(func(o kadm.ListedOffset) {
		end, _ := stable.Lookup(o.Topic, o.Partition)
		ends[kafka.Partition{Topic: o.Topic, Number: o.Partition}] = max(0, min(o.Offset, end.Offset))
	})
	return ends, nil
}
