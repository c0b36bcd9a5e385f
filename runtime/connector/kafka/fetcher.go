package kafka

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// fetcher reads the member's partitions with Fetch requests of its own: franz-go makes an object of every record, which
// costs more than everything else that a fetch does. The client still has the connections, the metadata and the
// group; its own fetching of the same partitions is paused.
//
//	cursors by leader ─► one request under way per leader ─► queue ─► reader ─► visit
//	      ▲                                                    │
//	      └──── the next one starts when the last is taken up ─┘
//
// So a leader has at most two answers in memory: the one that is read and the one after it.
type fetcher struct {
	client  *kgo.Client
	ids     map[string][16]byte
	topics  map[[16]byte]string
	backoff func(n int) time.Duration
	stop    context.CancelFunc
	spawn   func(do func(ctx context.Context)) // runs do on a goroutine that close waits for
	working sync.WaitGroup
	wake    chan struct{} // capacity 1: something has come or failed

	mu      sync.Mutex
	closed  bool
	cursors map[Partition]*cursor
	order   []Partition // of cursors; who was served goes to the end
	lanes   map[int32]*lane
	queue   []*answer
	failed  error
}

// lane is what is on its way from one leader.
type lane struct {
	busy    bool // a request is under way
	waiting int  // answers that nobody has taken up
}

func newFetcher(ctx context.Context, client *kgo.Client, ids map[string][16]byte, backoff func(int) time.Duration) *fetcher {
	f := &fetcher{
		client: client, ids: ids, topics: make(map[[16]byte]string, len(ids)), backoff: backoff, wake: make(chan struct{}, 1),
		cursors: map[Partition]*cursor{}, lanes: map[int32]*lane{},
	}
	for topic, id := range ids {
		f.topics[id] = topic
	}
	ctx, f.stop = context.WithCancel(ctx)
	f.spawn = func(do func(context.Context)) { f.working.Go(func() { do(ctx) }) }
	return f
}

// close ends all requests and waits for their goroutines.
func (f *fetcher) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.stop()
	f.working.Wait()
}

// move makes the fetcher go on at these positions, in new and in old partitions. What was fetched of them is forgotten.
func (f *fetcher) move(to map[Partition]int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for p, at := range to {
		f.cursors[p] = newCursor(p, at)
	}
	f.reorder()
	f.dispatch()
}

// remove takes partitions away.
func (f *fetcher) remove(partitions []Partition) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range partitions {
		delete(f.cursors, p)
	}
	f.reorder()
}

func (f *fetcher) reorder() {
	f.order = f.order[:0]
	for p := range f.cursors {
		f.order = append(f.order, p)
	}
	slices.SortFunc(f.order, Partition.Compare)
}

// dispatch asks every leader that has nothing under way for its partitions. The caller has the lock; so it is called
// whenever something has changed.
func (f *fetcher) dispatch() {
	if f.closed || f.failed != nil {
		return
	}
	maps.DeleteFunc(f.lanes, func(_ int32, l *lane) bool { return !l.busy && l.waiting == 0 }) // leaders come and go
	asks := map[int32][]*cursor{}
	var lost []*cursor
	for _, p := range f.order {
		c := f.cursors[p]
		if c.busy {
			continue
		}
		leader, epoch, err := f.client.PartitionLeader(c.Topic, c.Number)
		switch l := f.lane(leader); {
		case err != nil || leader < 0:
			f.refused(c, err)
			lost = append(lost, c)
		case c.doubted(epoch):
			c.busy = true
			f.spawn(func(ctx context.Context) { f.validate(ctx, c, leader, epoch) })
		case !l.busy && l.waiting == 0:
			c.leaderEpoch = epoch
			asks[leader] = append(asks[leader], c)
		}
	}
	for leader, cursors := range asks {
		f.lane(leader).busy = true
		for _, c := range cursors {
			c.busy = true
		}
		req := f.request(cursors, max(minFetchBytes, fetchMaxBytes/len(f.lanes)))
		f.spawn(func(ctx context.Context) {
			resp, err := req.RequestWith(ctx, f.client.Broker(int(leader)))
			f.arrived(leader, cursors, resp, err)
		})
	}
	f.postpone(lost)
}

func (f *fetcher) lane(leader int32) *lane {
	l := f.lanes[leader]
	if l == nil {
		l = &lane{}
		if leader >= 0 {
			f.lanes[leader] = l
		}
	}
	return l
}

// rotate sends the partitions that an answer has records of to the end of the order: answers are bounded, and the first
// partitions of a request fill them. The caller has the lock.
func (f *fetcher) rotate(served map[Partition]bool) {
	first, last := make([]Partition, 0, len(f.order)), make([]Partition, 0, len(served))
	for _, p := range f.order {
		if served[p] {
			last = append(last, p)
		} else {
			first = append(first, p)
		}
	}
	f.order = append(first, last...)
}

// postpone lets cursors pause after a failure, and asks for new metadata: leaders may have changed. The caller has the
// lock.
func (f *fetcher) postpone(cursors []*cursor) {
	if len(cursors) == 0 || f.closed {
		return
	}
	most := 0
	for _, c := range cursors {
		c.busy = true
		c.failures++
		most = max(most, c.failures)
	}
	f.client.ForceMetadataRefresh()
	d := f.backoff(most)
	f.spawn(func(ctx context.Context) {
		if pause(ctx, d) == nil {
			f.release(cursors)
		}
	})
}

// release makes cursors ready to be asked for again.
func (f *fetcher) release(cursors []*cursor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range cursors {
		c.busy = false
	}
	f.dispatch()
}

// fail keeps the first error that waiting doesn't heal. The caller has the lock.
func (f *fetcher) fail(err error) {
	if f.failed == nil {
		f.failed = err
	}
	f.signal()
}

func (f *fetcher) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// wait returns when something was fetched, something failed, or ctx has ended.
func (f *fetcher) wait(ctx context.Context) {
	f.mu.Lock()
	ready := len(f.queue) > 0 || f.failed != nil
	f.mu.Unlock()
	if ready {
		return
	}
	select {
	case <-f.wake:
	case <-ctx.Done():
	}
}

// take returns the oldest answer, or nil, and lets the next be asked for.
func (f *fetcher) take() (*answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil || len(f.queue) == 0 {
		return nil, f.failed
	}
	a := f.queue[0]
	f.queue[0] = nil
	f.queue = f.queue[1:]
	a.lane.waiting--
	f.dispatch()
	return a, nil
}

// current says that a cursor was neither moved nor taken away.
func (f *fetcher) current(c *cursor) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cursors[c.Partition] == c
}
