package kafka

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/fault"
)

// Admin asks brokers about topics, offsets and groups, and changes them. It is safe for concurrent use.
type Admin struct {
	client  *kgo.Client
	admin   *kadm.Client
	options Options
}

// NewAdmin returns an Admin; nothing is sent yet.
func NewAdmin(o Options) (*Admin, error) {
	client, err := kgo.NewClient(o.client()...)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "make a client").Do("check the broker addresses, HOST:PORT")
	}
	return &Admin{client: client, admin: kadm.NewClient(client), options: o}, nil
}

// Close closes its connections.
func (a *Admin) Close() { a.client.Close() }

// Ping returns nil when a broker answers.
func (a *Admin) Ping(ctx context.Context) error { return wrap(a.client.Ping(ctx), "reach a broker") }

// Brokers returns the number of brokers that are up.
func (a *Admin) Brokers(ctx context.Context) (int, error) {
	m, err := a.admin.BrokerMetadata(ctx) // ListBrokers asks for all topics as well
	return len(m.Brokers), wrap(err, "list the brokers")
}

// Partitions returns the number of partitions of each topic; a topic that is not there is a User error.
func (a *Admin) Partitions(ctx context.Context, topics ...string) (map[string]int, error) {
	details, err := a.admin.ListTopics(ctx, topics...)
	if err != nil {
		return nil, wrap(err, "list topics")
	}
	counts := make(map[string]int, len(topics))
	for _, t := range topics {
		if err := details[t].Err; err != nil {
			return nil, wrap(err, "find topic %s", t)
		}
		counts[t] = len(details[t].Partitions)
	}
	return counts, nil
}

// Topics lists the topics whose names begin with prefix, sorted.
func (a *Admin) Topics(ctx context.Context, prefix string) ([]string, error) {
	all, err := a.admin.ListTopics(ctx)
	if err != nil {
		return nil, wrap(err, "list topics")
	}
	var names []string
	for _, name := range all.Names() {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Starts returns the first offset of each partition.
func (a *Admin) Starts(ctx context.Context, topics ...string) (map[Partition]int64, error) {
	return offsetsOf(ctx, a.admin.ListStartOffsets, topics)
}

// Ends returns the offset after the last record of each partition, whether it is committed or not.
func (a *Admin) Ends(ctx context.Context, topics ...string) (map[Partition]int64, error) {
	return offsetsOf(ctx, a.admin.ListEndOffsets, topics)
}

// StableEnds returns the last stable offset of each partition: what a READ_COMMITTED reader can reach now.
func (a *Admin) StableEnds(ctx context.Context, topics ...string) (map[Partition]int64, error) {
	return offsetsOf(ctx, a.admin.ListCommittedOffsets, topics)
}

func offsetsOf(ctx context.Context, list func(context.Context, ...string) (kadm.ListedOffsets, error), topics []string) (map[Partition]int64, error) {
	if len(topics) == 0 {
		return map[Partition]int64{}, nil // the library would list all that there are
	}
	listed, err := list(ctx, topics...)
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return nil, wrap(err, "list offsets")
	}
	found := map[Partition]int64{}
	listed.Each(func(o kadm.ListedOffset) { found[Partition{o.Topic, o.Partition}] = o.Offset })
	return found, nil
}

// Committed returns the stable committed offset of every partition of the topics, in order, with offset -1 where there
// is none. It waits for transactions that are about to commit one. The library asks for all that the group has, and then
// Kafka leaves out a partition whose very first commit is pending: it counts as none here, and it can't be, because the
// first offset of every partition is a stamp, which belongs to no transaction.
func (a *Admin) Committed(ctx context.Context, group string, topics ...string) ([]Committed, error) {
	return a.committed(kadm.RequireStable(ctx), group, topics)
}

// CommittedSoFar is Committed, and waits for no transaction: an offset that is about to be committed is not seen.
func (a *Admin) CommittedSoFar(ctx context.Context, group string, topics ...string) ([]Committed, error) {
	return a.committed(ctx, group, topics)
}

func (a *Admin) committed(ctx context.Context, group string, topics []string) ([]Committed, error) {
	for begin := time.Now(); ; {
		found, err := a.admin.FetchOffsetsForTopics(ctx, group, topics...)
		if err == nil {
			err = found.Error()
		}
		if errors.Is(err, kerr.GroupIDNotFound) { // the answer names no partition then, and none would look like all
			return a.uncommitted(ctx, topics)
		}
		if errors.Is(err, kerr.UnstableOffsetCommit) || coordinatorComes(err) && time.Since(begin) < coordinatorPatience {
			if pause(ctx, retryPause) == nil {
				continue
			}
		}
		if err != nil {
			return nil, wrap(err, "fetch the offsets of %s", group)
		}
		list := make([]Committed, 0, len(found))
		for _, o := range found.Sorted() {
			list = append(list, Committed{Partition{o.Topic, o.Partition}, o.At, o.Metadata})
		}
		slices.SortFunc(list, func(x, y Committed) int { return x.Compare(y.Partition) })
		return list, nil
	}
}

// coordinatorPatience is how long a group may be without a coordinator before that is an error.
const coordinatorPatience = 5 * time.Second

// coordinatorComes says that a group has no coordinator for the moment: the first group of a cluster waits for the
// topic of all groups to be made, every group for its coordinator to read that topic after a broker's end.
func coordinatorComes(err error) bool {
	return errors.Is(err, kerr.CoordinatorNotAvailable) || errors.Is(err, kerr.CoordinatorLoadInProgress) || errors.Is(err, kerr.NotCoordinator)
}

// uncommitted lists every partition of the topics with offset -1: a group that does not exist.
func (a *Admin) uncommitted(ctx context.Context, topics []string) ([]Committed, error) {
	counts, err := a.Partitions(ctx, topics...)
	if err != nil {
		return nil, err
	}
	var list []Committed
	for t, n := range counts {
		for p := range n {
			list = append(list, Committed{Partition{t, int32(p)}, -1, ""})
		}
	}
	slices.SortFunc(list, func(x, y Committed) int { return x.Compare(y.Partition) })
	return list, nil
}

func (a *Admin) leave(ctx context.Context, group, instance, memberID string) error {
	req := kmsg.NewPtrLeaveGroupRequest()
	m := kmsg.NewLeaveGroupRequestMember()
	m.MemberID, m.InstanceID = memberID, new(instance)
	req.Group, req.Members = group, append(req.Members, m)
	resp, err := req.RequestWith(ctx, a.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	return wrap(err, "leave the group %s", group)
}

// DeleteBefore deletes the records below an offset of each partition.
func (a *Admin) DeleteBefore(ctx context.Context, offsets map[Partition]int64) error {
	all := kadm.Offsets{}
	for p, at := range offsets {
		all.AddOffset(p.Topic, p.Number, at, -1)
	}
	deleted, err := a.admin.DeleteRecords(ctx, all)
	if err == nil {
		err = deleted.Error()
	}
	return wrap(err, "delete consumed records")
}
