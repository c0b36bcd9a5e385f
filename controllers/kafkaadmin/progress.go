package kafkaadmin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

// Progress returns how far the group of a job has come with its input topics in an epoch. Where nothing is committed the
// whole partition counts as lag.
func (c *Cluster) Progress(ctx context.Context, group string, epoch int64, topics []string) (*lifecycle.Progress, error) {
	if len(topics) == 0 { // a job whose rows are made; the library would list all topics that there are
		return &lifecycle.Progress{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	committed, err := c.admin.FetchOffsetsForTopics(fresh(ctx), group, topics...)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return nil, c.wrap(err, "read the offsets of "+group, "DESCRIBE of the group "+group+" and of the topics that it reads")
	}
	starts, err := c.admin.ListStartOffsets(fresh(ctx), topics...)
	if err != nil {
		return nil, c.wrap(err, "read the starts of the input", "DESCRIBE of the topics "+strings.Join(topics, ", "))
	}
	ends, err := c.admin.ListCommittedOffsets(fresh(ctx), topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, c.wrap(err, "read the ends of the input", "DESCRIBE of the topics "+strings.Join(topics, ", "))
	}
	inputs := make([]input, 0, len(topics))
	for _, topic := range slices.Compact(slices.Sorted(slices.Values(topics))) {
		in := input{topic: topic}
		for number := range int32(len(ends[topic])) { //nolint:gosec // Kafka counts partitions in 32 bits
			in.partitions = append(in.partitions, partitionOf(topic, number, committed, starts, ends))
		}
		inputs = append(inputs, in)
	}
	return progress(inputs, epoch), nil
}

// input is a topic with its partitions, in the order of their numbers.
type input struct {
	topic      string
	partitions []partition
}

// partition is what the brokers say about one: where its log starts and ends, and what the group has committed.
type partition struct {
	start, end int64
	committed  bool
	meta       task.Meta
	offset     int64
}

func partitionOf(topic string, number int32, committed kadm.OffsetResponses, starts, ends kadm.ListedOffsets) partition {
	var p partition
	if end, ok := ends.Lookup(topic, number); ok {
		p.end = end.Offset
	}
	if start, ok := starts.Lookup(topic, number); ok {
		p.start = start.Offset
	}
	if o, ok := committed.Lookup(topic, number); ok && o.At >= 0 {
		p.offset = o.At
		meta, err := task.DecodeMeta(o.Metadata)
		p.committed, p.meta = true, meta
		if err != nil { // somebody else's; the workers say so
			p.meta = task.Meta{}
		}
	}
	return p
}

// progress sums up what the brokers say.
func progress(inputs []input, epoch int64) *lifecycle.Progress {
	p := &lifecycle.Progress{}
	for _, in := range inputs {
		for _, q := range in.partitions {
			at := q.start
			if q.committed {
				at = max(at, q.offset)
				p.ReadRecords += q.offset
			}
			p.LagRecords += max(0, q.end-at)
		}
		p.Added = append(p.Added, added(in, epoch)...)
	}
	p.Watermark = low(inputs)
	return p
}

// added names the partitions beyond those that the epoch's hand-over has stamped. Before the hand-over, and where other
// offsets than theirs are missing, there are none to speak of.
func added(in input, epoch int64) []string {
	known := 0
	for i, q := range in.partitions {
		switch {
		case q.committed && q.meta.JobEpoch != epoch:
			return nil
		case q.committed && i > known:
			return nil
		case q.committed:
			known++
		}
	}
	if known == 0 {
		return nil
	}
	var names []string
	for number := known; number < len(in.partitions); number++ {
		names = append(names, fmt.Sprintf("%s/%d", in.topic, number))
	}
	return names
}

// low is the lowest watermark that any partition holds the job back at, or the highest of all where all are idle; zero
// when one is not known yet. A topic of which no partition has one has no event time.
func low(inputs []input) time.Time {
	lowest, highest, active := types.EndOfInput, types.NoWatermark, false
	for _, in := range inputs {
		if !slices.ContainsFunc(in.partitions, known) {
			continue
		}
		for _, q := range in.partitions {
			switch {
			case q.meta.Idle:
				highest = max(highest, q.meta.Watermark)
			case !known(q):
				return time.Time{}
			default:
				lowest, active = min(lowest, q.meta.Watermark), true
			}
		}
	}
	if !active {
		lowest = highest
	}
	if lowest == types.NoWatermark || lowest == types.EndOfInput {
		return time.Time{}
	}
	return time.UnixMicro(int64(lowest))
}

func known(q partition) bool {
	return q.meta.Seq > 0 && q.meta.Watermark != types.NoWatermark
}
