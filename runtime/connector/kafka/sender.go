package kafka

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	// laneRequests is how many requests may be under way to one leader; a partition is in one of them at most.
	laneRequests = 5
	// requestBytes is where a request is full; brokers take 100 MiB.
	requestBytes = 4 << 20
	// haltPatience is how long an abort waits for the answers to what is on its way.
	haltPatience = 2 * time.Second
)

// sender takes closed batches to the leaders of their partitions, again and again until they are taken or refused for
// good.
//
//	outboxes ─► ready ─► requests under way by leader ─► answer ─┬─► taken: the next parcel of the partition is ready
//	              ▲                                              ├─► a pause, and metadata
//	              └──────────────────────────────────────────────┘   refused: failed, until the transaction is aborted
//
// Invariants, which builds with the tag `invariants` check: parcels of a partition are sent in the order of their
// sequence numbers, without gaps, one at a time; unanswered is the sum of what waits; nothing waits when a transaction
// is committed.
type sender struct {
	client   *kgo.Client
	id       string
	explicit bool // AddPartitionsToTxn comes before the first batch of a partition
	plain    bool // there are no transactions
	codec    recordbatch.Codec
	backoff  func(n int) time.Duration
	buffers  buffers
	room     chan struct{} // capacity 1: something was answered, learned, or failed

	renew   func() // makes spawn and stop anew
	spawn   func(do func(ctx context.Context))
	stop    context.CancelFunc
	working sync.WaitGroup

	mu          sync.Mutex
	producerID  int64
	epoch       int16
	touched     bool // brokers may know of the open transaction
	halted      bool
	failed      error // the first batch of the open transaction that was not taken
	boxes       []*outbox
	ready       []*outbox
	lanes       map[int32]int // requests under way
	requests    int           // under way, to all leaders
	leaders     leaders
	learning    bool
	unlearned   int   // requests for metadata in a row that left a partition without a leader
	unanswered  int64 // bytes
	written     map[Partition]int64
	compressors []*recordbatch.Compressor
}

func newSender(ctx context.Context, id string, codec recordbatch.Codec, backoff func(int) time.Duration) *sender {
	s := &sender{
		id: id, codec: codec, backoff: backoff, room: make(chan struct{}, 1), lanes: map[int32]int{},
		leaders: leaders{map[string]*topicLeaders{}}, written: map[Partition]int64{},
	}
	s.renew = func() {
		running, stop := context.WithCancel(ctx)
		s.stop = stop
		s.spawn = func(do func(context.Context)) { s.working.Go(func() { do(running) }) }
	}
	s.renew()
	return s
}

// close ends all requests and waits for their goroutines.
func (s *sender) close() {
	s.mu.Lock()
	s.halted = true
	s.mu.Unlock()
	s.stop()
	s.working.Wait()
}

// add makes an outbox known.
func (s *sender) add(box *outbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boxes = append(s.boxes, box)
}

// send takes closed batches over.
func (s *sender) send(parcels ...*parcel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range parcels {
		box := p.box
		p.sequence = box.sequence
		box.sequence = nextSequence(box.sequence, p.count)
		box.waiting = append(box.waiting, p)
		s.unanswered += p.bytes
		if box.state == outboxIdle {
			box.state = outboxReady
			s.ready = append(s.ready, box)
		}
	}
	s.dispatch()
}

// nextSequence is the sequence number n records later: they begin again at 0 after the largest.
func nextSequence(sequence, n int32) int32 {
	return int32((int64(sequence) + int64(n)) & 0x7fffffff)
}

// dispatch sends the first parcel of every ready outbox whose leader is known and takes another request. The caller has
// the lock; so it is called whenever something has changed.
func (s *sender) dispatch() {
	if s.halted || s.failed != nil {
		return
	}
	if err := s.check(); err != nil {
		s.fail(err)
		return
	}
	asks, bytes := map[int32][]*parcel{}, map[int32]int64{}
	missing := false
	kept := s.ready[:0]
	for _, box := range s.ready {
		leader, p := s.leaders.of(box.Partition), box.waiting[0]
		missing = missing || leader < 0
		if leader < 0 || s.lanes[leader] >= laneRequests || bytes[leader] > 0 && bytes[leader]+p.bytes > requestBytes {
			kept = append(kept, box)
			continue
		}
		box.state = outboxBusy
		asks[leader], bytes[leader] = append(asks[leader], p), bytes[leader]+p.bytes
	}
	clear(s.ready[len(kept):])
	s.ready = kept
	for leader, parcels := range asks {
		s.touched = true
		s.lanes[leader]++
		s.requests++
		s.spawn(func(ctx context.Context) { s.transmit(ctx, leader, parcels) })
	}
	if missing {
		s.learn()
	}
}

// learn asks for metadata, once at a time. The caller has the lock.
func (s *sender) learn() {
	if s.learning || s.halted {
		return
	}
	s.learning = true
	tries, req := s.unlearned, s.leaders.request()
	s.spawn(func(ctx context.Context) {
		if tries > 0 && pause(ctx, s.backoff(tries)) != nil {
			return
		}
		resp, err := req.RequestWith(ctx, s.client)
		s.learned(resp, err)
	})
}

func (s *sender) learned(resp *kmsg.MetadataResponse, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.signal()
	s.learning = false
	missing := err != nil
	if err == nil {
		if err := s.leaders.learn(resp); err != nil {
			s.fail(err)
		}
	}
	for _, box := range s.ready {
		if s.leaders.of(box.Partition) >= 0 {
			continue
		}
		missing = true
		if err == nil {
			if err := s.leaders.hopeless(box.Partition, time.Now()); err != nil {
				s.fail(err)
			}
		}
	}
	if s.unlearned++; !missing {
		s.unlearned = 0
	}
	s.dispatch()
}

// choose returns the number of a topic's partitions, and of these the next one after another that has a leader. While
// nothing is known the number is 0, and metadata is asked for.
func (s *sender) choose(topic string, after int32) (next int32, partitions int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.leaders.topics[topic]
	n := int32(len(t.leaders)) //nolint:gosec // Kafka's is an int32
	if s.failed != nil {
		return 0, 0, s.failed
	}
	if n > 0 {
		for i := range n {
			if next = (after + 1 + i) % n; t.leaders[next] >= 0 {
				return next, int(n), nil
			}
		}
		return (after + 1) % n, int(n), nil
	}
	if err := s.leaders.hopeless(Partition{topic, -1}, time.Now()); err != nil {
		return 0, 0, err
	}
	if t.err != nil {
		s.unlearned = max(s.unlearned, 1) // it was asked for already
	}
	s.learn()
	return 0, 0, nil
}

// know makes a topic known to those that metadata is asked for.
func (s *sender) know(topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaders.add(topic)
}

// again lets parcels pause after a failure: longer and longer, where the leader may have moved or is away. One that is there and
// is not ready, mostly because markers of the transaction before are on their way, is soon. The caller has the lock.
func (s *sender) again(parcels []*parcel, moved bool) {
	if len(parcels) == 0 || s.halted {
		return
	}
	most := 1
	for _, p := range parcels {
		if moved {
			p.box.failures++
			most = max(most, p.box.failures)
			s.leaders.forget(p.box.Partition)
		}
	}
	d := s.backoff(most)
	s.spawn(func(ctx context.Context) {
		if pause(ctx, d) != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, p := range parcels {
			p.box.state = outboxReady
			s.ready = append(s.ready, p.box)
		}
		s.dispatch()
	})
}

// taken ends a parcel. The caller has the lock.
func (s *sender) taken(p *parcel, offset int64) {
	box := p.box
	if box.tracked {
		s.written[box.Partition] = offset + int64(p.count) - 1
	}
	box.waiting = slices.Delete(box.waiting, 0, 1)
	box.failures = 0
	s.unanswered -= p.bytes
	s.buffers.put(p.batch.Memory())
	if box.state = outboxIdle; len(box.waiting) > 0 {
		box.state = outboxReady
		s.ready = append(s.ready, box)
	}
}

// fail keeps the first error that sending again doesn't heal. The caller has the lock.
func (s *sender) fail(err error) {
	if s.failed == nil {
		s.failed = err
	}
	s.signal()
}

func (s *sender) signal() {
	select {
	case s.room <- struct{}{}:
	default:
	}
}

// load is what is unanswered, and the error of a batch that was not taken.
func (s *sender) load() (bytes int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unanswered, s.failed
}

// wait returns when no more than so many bytes are unanswered, a batch was not taken, or ctx has ended.
func (s *sender) wait(ctx context.Context, bytes int64) error {
	for {
		unanswered, err := s.load()
		if err != nil || unanswered <= bytes {
			return err
		}
		select {
		case <-s.room:
		case <-ctx.Done():
			return wrap(ctx.Err(), "write what %s has emitted", s.id)
		}
	}
}

// halt ends all sending and forgets what was not taken. What a request may still read is left to the collector.
func (s *sender) halt(ctx context.Context) {
	s.mu.Lock()
	s.halted = true
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, haltPatience)
	for s.busy() && ctx.Err() == nil {
		select {
		case <-s.room:
		case <-ctx.Done():
		}
	}
	cancel()
	s.stop()
	s.working.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, box := range s.boxes {
		if len(box.waiting) > 0 && !s.touched {
			box.sequence = box.waiting[0].sequence
		}
		clear(box.waiting)
		box.waiting, box.state, box.failures = box.waiting[:0], outboxIdle, 0
	}
	clear(s.ready)
	clear(s.lanes)
	s.ready, s.requests, s.unanswered, s.learning = s.ready[:0], 0, 0, false
}

func (s *sender) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests > 0
}

// begin opens the next transaction.
func (s *sender) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.halted {
		s.halted = false
		s.renew()
	}
	s.touched, s.failed = false, nil
	clear(s.written)
	for _, t := range s.leaders.topics {
		t.err, t.lost = nil, time.Time{}
	}
	for _, box := range s.boxes {
		box.added = false
	}
}

// become makes the sender go on under another epoch, whose sequence numbers begin at 0. Nothing may be waiting.
func (s *sender) become(producerID int64, epoch int16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.producerID, s.epoch = producerID, epoch
	for _, box := range s.boxes {
		box.sequence = 0
	}
}

// check holds the invariants. The caller has the lock.
func (s *sender) check() error {
	if !invariants {
		return nil
	}
	var bytes int64
	for _, box := range s.boxes {
		for i, p := range box.waiting {
			bytes += p.bytes
			if i > 0 && p.sequence != nextSequence(box.waiting[i-1].sequence, box.waiting[i-1].count) {
				return fault.New(fault.Bug, fault.Place{}, "%s: a gap before the sequence number %d", box.Partition, p.sequence)
			}
		}
		if (len(box.waiting) == 0) != (box.state == outboxIdle) {
			return fault.New(fault.Bug, fault.Place{}, "%s: %d batches wait in the state %d", box.Partition, len(box.waiting), box.state)
		}
	}
	if bytes != s.unanswered {
		return fault.New(fault.Bug, fault.Place{}, "%d bytes wait, %d are counted", bytes, s.unanswered)
	}
	return nil
}
