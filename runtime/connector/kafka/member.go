package kafka

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/millrace/millrace/runtime/fault"
)

const fenceAbsentTimeout = 3 * time.Second // how long the leader holds back an assignment for the absent

// Member is a static member of the job's group. Between a Poll that brought something and the Release after it no
// partition is taken away.
type Member struct {
	client   *kgo.Client
	fetcher  *fetcher
	reader   reader
	answer   *answer      // taken up, and not read to its end
	enough   bool         // the Poll under way is to end
	waited   atomic.Int64 // nanoseconds
	group    Group
	handler  Handler
	topicIDs map[string][16]byte
	ready    chan struct{}          // closed when client is set; the group begins before
	failures chan error             // what a callback found; capacity 1, the first counts
	first    atomic.Pointer[string] // the id that the group gave first; nil before

	coordinator atomic.Int32 // the group's broker, plus one; 0: not known
}

// NewMember joins the group in the background. Poll says what became of it. Ctx bounds the questions it asks first.
func NewMember(ctx context.Context, o Options, g Group, h Handler) (*Member, error) {
	ids, version, err := discover(ctx, o, g.Topics)
	if err != nil {
		return nil, err
	}
	m := &Member{group: g, handler: h, topicIDs: ids, ready: make(chan struct{}), failures: make(chan error, 1)}
	opts := o.client(
		kgo.ConsumerGroup(g.Group), kgo.InstanceID(g.Name(g.Ordinal)), kgo.ConsumeTopics(g.Topics...),
		kgo.Balancers(&epochBalancer{g, m.fenceAbsent, o.Plants}),
		kgo.HeartbeatInterval(heartbeatInterval), kgo.SessionTimeout(sessionTimeout), kgo.RebalanceTimeout(sessionTimeout),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), // every partition has a committed offset before the first member joins
		kgo.OnPartitionsAssigned(m.onAssigned), kgo.OnOffsetsFetched(m.onOffsets),
		kgo.OnPartitionsRevoked(m.onRevoked), kgo.OnPartitionsLost(m.onLost))
	if version < implicitAddVersion {
		versions := kversion.Stable()
		versions.SetMaxKeyVersion(kmsg.TxnOffsetCommit.Int16(), explicitTxnOffsetVersion)
		opts = append(opts, kgo.MaxVersions(versions))
	}
	if m.client, err = kgo.NewClient(opts...); err != nil {
		return nil, fault.Wrap(fault.User, err, "make a consumer")
	}
	m.client.PauseFetchTopics(g.Topics...)                                 // for good: the fetcher reads them
	m.fetcher = newFetcher(m.client.Context(), m.client, ids, o.backoff()) //nolint:contextcheck // it lives as long as the client
	close(m.ready)
	return m, nil
}

// discover asks for what requests made by hand need: the topics' ids and the broker's transaction.version.
func discover(ctx context.Context, o Options, topics []string) (map[string][16]byte, int16, error) {
	client, err := kgo.NewClient(o.client()...)
	if err != nil {
		return nil, 0, fault.Wrap(fault.User, err, "make a client")
	}
	defer client.Close()
	details, err := kadm.NewClient(client).ListTopics(ctx, topics...)
	if err != nil {
		return nil, 0, wrap(err, "list the topics to read")
	}
	ids := make(map[string][16]byte, len(topics))
	for _, t := range topics {
		if err := details[t].Err; err != nil {
			return nil, 0, wrap(err, "find topic %s", t)
		}
		ids[t] = details[t].ID
	}
	version, err := transactionVersion(ctx, client)
	return ids, version, err
}

// Poll waits for records until ctx ends and shows them partition by partition; an error of visit ends it. It begins with
// no further partition when it has shown maxRecords. It returns an error when the group or a partition is in a state that
// waiting does not heal, or a Handler method returned one.
func (m *Member) Poll(ctx context.Context, maxRecords int, visit func(Fetched) error) error {
	if m.answer == nil {
		begin := time.Now()
		m.fetcher.wait(ctx)
		m.waited.Add(int64(time.Since(begin)))
	}
	if err := m.groupError(); err != nil { //nolint:contextcheck // it waits for nothing
		return err
	}
	m.hold(ctx)
	select {
	case err := <-m.failures:
		return err
	default:
	}
	m.enough = false
	for m.reader.shown = 0; m.reader.shown < maxRecords && !m.enough; {
		s, err := m.next()
		if err != nil || s == nil {
			return err
		}
		if err := m.reader.read(s, visit); err != nil {
			return err
		}
	}
	return nil
}

// Enough is called by what Poll shows records to, and makes that Poll begin with no further partition.
func (m *Member) Enough() { m.enough = true }

// Waited is how long Poll has waited for records, all calls together. It is safe for concurrent use.
func (m *Member) Waited() time.Duration { return time.Duration(m.waited.Load()) }

// next returns what is to be read next, or nil.
func (m *Member) next() (*share, error) {
	for {
		for m.answer != nil {
			if len(m.answer.parts) == 0 {
				m.answer = nil
				break
			}
			s := &m.answer.parts[0]
			m.answer.parts = m.answer.parts[1:]
			if m.fetcher.current(s.cursor) {
				return s, nil
			}
		}
		var err error
		if m.answer, err = m.fetcher.take(); err != nil || m.answer == nil {
			return nil, err
		}
	}
}

// groupError returns what the client has to say of the group. It fetches nothing, so that is all that it says.
func (m *Member) groupError() error {
	for _, f := range m.client.PollRecords(nil, 1).Errors() { //nolint:staticcheck // nil: what there is, at once
		if fetchError(f.Err) != nil {
			return wrap(f.Err, "read %s", Partition{f.Topic, f.Partition})
		}
	}
	return nil
}

// hold keeps partitions from being taken away until Release. The client does so for whoever polls.
func (m *Member) hold(ctx context.Context) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	m.client.PollRecords(ended, 1)
}

// fetchError returns the errors of a fetch which waiting does not heal.
func fetchError(err error) error {
	switch {
	case err == nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return nil
	case errors.Is(err, kgo.ErrClientClosed), errors.Is(err, kerr.InconsistentGroupProtocol), errors.Is(err, kerr.FencedInstanceID),
		errors.Is(err, kerr.OffsetOutOfRange), errors.Is(err, kerr.GroupAuthorizationFailed), errors.Is(err, kerr.TopicAuthorizationFailed):
		return err
	}
	if _, ok := errors.AsType[*kgo.ErrDataLoss](err); ok {
		return err
	}
	return nil // the client tries again by itself
}

// Release lets partitions be taken away until the next Poll.
func (m *Member) Release() { m.client.AllowRebalance() }

// Seek makes the next Poll go on at other positions. Only between a Poll that brought something and Release, or inside
// of Handler.Open, can no partition be taken away meanwhile.
func (m *Member) Seek(to map[Partition]int64) { m.fetcher.move(to) }

// Stop makes Poll bring nothing of partitions any more, until Seek says where to go on. They stay the member's.
func (m *Member) Stop(partitions []Partition) { m.fetcher.remove(partitions) }

// Rejoin has the group look again at who has what, after what Group.Says returns has changed. It waits for nothing.
func (m *Member) Rejoin() { m.client.ForceRebalance() }

// ID returns the member's id in the group, empty before it has joined.
func (m *Member) ID() string {
	id, _ := m.client.GroupMetadata()
	return id
}

// Close ends the member; Handler.Revoked or Lost is called for what it still has. The group keeps its place until the
// session times out, so that a restart finds its partitions as they were; see Admin.Leave.
func (m *Member) Close() {
	m.fetcher.close()
	m.client.CloseAllowingRebalance()
}

func (m *Member) fail(err error) {
	if err == nil {
		return
	}
	select {
	case m.failures <- err:
	default:
	}
}

// onAssigned runs after the join and before the offsets are fetched.
func (m *Member) onAssigned(ctx context.Context, _ *kgo.Client, _ map[string][]int32) {
	<-m.ready
	id, _ := m.client.GroupMetadata()
	m.first.CompareAndSwap(nil, &id)
	_, _, err := m.place()
	if err == nil {
		err = m.handler.Joined(ctx)
	}
	if err != nil && ctx.Err() == nil {
		m.fail(err)
	}
}

// onOffsets runs when the offsets of new partitions are there; franz-go asks for stable ones always.
func (m *Member) onOffsets(ctx context.Context, _ *kgo.Client, resp *kmsg.OffsetFetchResponse) error {
	<-m.ready
	var found []Committed
	for _, g := range resp.Groups {
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				c := Committed{Partition: Partition{t.Topic, p.Partition}, Offset: p.Offset}
				if p.Metadata != nil {
					c.Metadata = *p.Metadata
				}
				found = append(found, c)
			}
		}
	}
	slices.SortFunc(found, func(a, b Committed) int { return a.Compare(b.Partition) })
	_, _, err := m.place()
	if err == nil {
		err = m.handler.Open(ctx, found)
	}
	if err != nil && ctx.Err() == nil { // else a rebalance came in between; the offsets will be fetched again
		m.fail(err)
	}
	if err != nil {
		return err
	}
	to := make(map[Partition]int64, len(found))
	for _, c := range found {
		if c.Offset >= 0 && !slices.Contains(m.group.Unread, c.Topic) { // else there is nowhere to begin
			to[c.Partition] = c.Offset
		}
	}
	m.fetcher.move(to)
	return nil
}

func (m *Member) onRevoked(ctx context.Context, _ *kgo.Client, revoked map[string][]int32) {
	<-m.ready
	if ps := partitions(revoked); len(ps) > 0 {
		m.fetcher.remove(ps)
		if _, _, err := m.place(); err != nil {
			m.handler.Lost(ctx, ps)
			return
		}
		m.handler.Revoked(ctx, ps)
	}
}

func (m *Member) onLost(ctx context.Context, _ *kgo.Client, lost map[string][]int32) {
	<-m.ready
	if ps := partitions(lost); len(ps) > 0 {
		m.fetcher.remove(ps)
		m.handler.Lost(ctx, ps)
	}
}

func partitions(of map[string][]int32) []Partition {
	var ps []Partition
	for t, ns := range of {
		for _, n := range ns {
			ps = append(ps, Partition{t, n})
		}
	}
	slices.SortFunc(ps, Partition.Compare)
	return ps
}

// fenceAbsent ends the transactions of every worker that is not a member any more, before its tasks are given away:
// they would hold the last stable offset, and the pending offsets, until they time out. What goes wrong here costs
// that time and nothing else.
func (m *Member) fenceAbsent(present map[string]bool) {
	<-m.ready
	if m.group.Untransacted {
		return
	}
	ctx, cancel := context.WithTimeout(m.client.Context(), fenceAbsentTimeout)
	defer cancel()
	ids := ordinalIDs(m.group.Name, m.group.MaxOrdinal)
	open, err := openTransactions(ctx, kadm.NewClient(m.client), m.group)
	if err == nil {
		ids = append(ids, open...)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if !present[id] {
			_ = fenceTransactions(ctx, m.client, id) // it times out by itself
		}
	}
}
