package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
)

// Replay shows the committed records of partitions, each from its offset to the end that its log has now, in the order of
// the log.
//
// A committed offset may be visible before the marker of its transaction has reached the changelog (KAFKA-10167), so
// the last stable offset is no target: it is the end as READ_UNCOMMITTED sees it, and the log is read READ_COMMITTED,
// markers included, until the position is there.
func Replay(ctx context.Context, o Options, from map[Partition]int64, visit func(p Partition, offset int64, value []byte) error) error {
	targets, err := replayTargets(ctx, o, from)
	if err != nil || len(targets) == 0 {
		return err
	}
	offsets := map[string]map[int32]kgo.Offset{}
	for p := range targets {
		if offsets[p.Topic] == nil {
			offsets[p.Topic] = map[int32]kgo.Offset{}
		}
		offsets[p.Topic][p.Number] = kgo.NewOffset().At(from[p])
	}
	client, err := kgo.NewClient(o.client(kgo.ConsumePartitions(offsets), kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxWait(fetchMaxWait))...)
	if err != nil {
		return fault.Wrap(fault.User, err, "make a reader")
	}
	defer client.Close()
	for len(targets) > 0 {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return wrap(context.Cause(ctx), "read changelogs back")
		}
		fetches.EachPartition(func(t kgo.FetchTopicPartition) {
			if err == nil {
				err = replayed(Partition{t.Topic, t.Partition}, t.FetchPartition, targets, visit)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// replayTargets returns where the partitions end now; those with nothing to read are left out.
func replayTargets(ctx context.Context, o Options, from map[Partition]int64) (map[Partition]int64, error) {
	client, err := kgo.NewClient(o.client()...)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "make a client")
	}
	defer client.Close()
	topics := topicsOf(from)
	admin := &Admin{client: client, admin: kadm.NewClient(client), options: o}
	ends, err := admin.Ends(ctx, topics...)
	if o.Plants.restoreToStable() {
		ends, err = admin.StableEnds(ctx, topics...)
	}
	if err != nil {
		return nil, err
	}
	starts, err := admin.Starts(ctx, topics...)
	if err != nil {
		return nil, err
	}
	targets := map[Partition]int64{}
	for p, at := range from {
		end, ok := ends[p]
		switch {
		case !ok:
			return nil, fault.New(fault.User, fault.Place{}, "the changelog partition %s is not there", p)
		case at > end && !o.Plants.restoreToStable():
			return nil, fault.New(fault.Corrupt, fault.InRecord(p.Topic, p.Number, at), "the local store is ahead of the changelog, which ends at %d", end).
				Do("was the topic deleted and made again? start the job empty")
		case at < starts[p]:
			return nil, fault.New(fault.Corrupt, fault.InRecord(p.Topic, p.Number, at), "the changelog begins at %d only; records of the state are lost", starts[p])
		case at < end:
			targets[p] = end
		}
	}
	return targets, nil
}

func topicsOf(from map[Partition]int64) []string {
	var topics []string
	seen := map[string]bool{}
	for p := range from {
		if !seen[p.Topic] {
			seen[p.Topic] = true
			topics = append(topics, p.Topic)
		}
	}
	return topics
}

// replayed takes what a fetch brought of a partition, and forgets the partition when its target is reached. Records
// beyond the target are someone else's commits: there is none in a partition that is ours alone.
func replayed(p Partition, f kgo.FetchPartition, targets map[Partition]int64, visit func(Partition, int64, []byte) error) error {
	if f.Err != nil && fetchError(f.Err) != nil {
		return wrap(f.Err, "read the changelog %s", p)
	}
	for _, r := range f.Records {
		target, ok := targets[p]
		if !ok {
			return nil
		}
		if r.Offset < target && !r.Attrs.IsControl() {
			if err := visit(p, r.Offset, r.Value); err != nil {
				return err
			}
		}
		if r.Offset+1 >= target {
			delete(targets, p)
		}
	}
	return nil
}
