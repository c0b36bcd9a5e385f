package kafka

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	maxBufferedRecords = 100_000
	maxBufferedBytes   = 64 << 20

	// linger is how long a record waits for others, unless the transaction is to end. Kafka's own default since 4.0 (KIP-1030).
	// It matters most right after a commit: a broker that is asked to write while the markers of the transaction before
	// are still on their way looks again after 20 ms only (add.partitions.to.txn.retry.backoff.ms, since KIP-890).
	linger = 5 * time.Millisecond

	// What may be unanswered before Ease waits. It is what a broker that takes 600 000 records a second has on its way in
	// 15 ms; more only costs memory.
	easyRecords = 8 << 10
	easyBytes   = 8 << 20
)

// Producer is the worker's one transactional producer: at any time it has one open transaction. Its methods are called
// from one goroutine at a time; the answers of the broker come in on others.
type Producer struct {
	client  *kgo.Client
	id      string
	version int16 // the broker's transaction.version
	send    func(*kgo.Record, func(*kgo.Record, error))
	plants  Plants

	current *slab
	began   bool // the first InitProducerId is done
	records int  // of the open transaction
	now     time.Time
	room    chan struct{} // capacity 1: slabs have left flight, or a record failed

	emitted, emittedBytes int64 // since the producer was made
	begunBytes            int64 // emittedBytes when the open transaction began

	mu      sync.Mutex // guards what the answers change
	spares  []*slab
	flight  []*slab             // not all answered, the oldest first; the last one may be the current one
	failed  error               // the first record of the open transaction that was not taken
	written map[Partition]int64 // the last offset by tracked partition
	tracked map[string]bool

	answered, answeredBytes int64 // of the slabs that have left flight
}

// NewProducer returns the producer with a transactional id. Nothing is sent before Begin. The offsets of records in the
// tracked topics are kept for Written. Ctx bounds the producer's life: when it ends, records are no longer taken.
func NewProducer(ctx context.Context, o Options, transactionalID string, tracked []string) (*Producer, error) {
	codec, err := o.Compression.codec()
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(o.client(
		kgo.TransactionalID(transactionalID), kgo.TransactionTimeout(transactionTimeout), kgo.RecordPartitioner(newPicker()),
		kgo.ProducerLinger(linger), kgo.ProducerBatchCompression(codec),
		kgo.MaxBufferedRecords(maxBufferedRecords), kgo.MaxBufferedBytes(maxBufferedBytes))...)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "make a producer")
	}
	p := &Producer{client: client, id: transactionalID, plants: o.Plants, written: map[Partition]int64{}, tracked: map[string]bool{}, room: make(chan struct{}, 1)}
	p.send = func(r *kgo.Record, promise func(*kgo.Record, error)) { client.Produce(ctx, r, promise) }
	for _, t := range tracked {
		p.tracked[t] = true
	}
	return p, nil
}

// Begin makes the producer ready for its first transaction; later calls do nothing. It ends the open transaction of a
// predecessor of the same id, and fences it.
func (p *Producer) Begin(ctx context.Context) error {
	if p.began {
		return nil
	}
	version, err := transactionVersion(ctx, p.client)
	if err != nil {
		return err
	}
	p.version = version
	if _, _, err := p.client.ProducerID(ctx); err != nil {
		return wrap(err, "begin transactions as %s", p.id)
	}
	p.began = true
	return p.begin()
}

// begin opens the next transaction.
func (p *Producer) begin() error {
	p.records, p.begunBytes = 0, p.emittedBytes
	p.mu.Lock()
	p.failed = nil
	clear(p.written)
	p.mu.Unlock()
	return wrap(p.client.BeginTransaction(), "begin a transaction as %s", p.id)
}

// At sets the clock that records are stamped by. Without it each record asks for the time, which costs as much as
// encoding it.
func (p *Producer) At(now time.Time) { p.now = now }

// Emit adds a record to the open transaction. Key and value are not copied: they must stay as they are until Answered
// counts the record, or Commit or Abort returns. A partition of -1 leaves the choice to the producer: by key, or any. It waits while the buffer is full.
func (p *Producer) Emit(topic string, partition int32, key, value []byte) error {
	if p.current == nil || p.current.full() {
		p.release(p.current)
		p.current = p.fresh()
		if err := p.failure(); err != nil {
			return err
		}
	}
	p.records++
	p.emitted++
	p.emittedBytes += int64(len(key) + len(value))
	p.send(p.current.add(p.now, topic, partition, key, value), p.current.promise)
	return nil
}

// Records is the number of records in the open transaction.
func (p *Producer) Records() int { return p.records }

// Emitted counts the records of all transactions.
func (p *Producer) Emitted() int64 { return p.emitted }

// Answered says how many records, from the first ever emitted on, are done with. It lags a little behind. After a record
// that was not taken it is 0 until Abort: what the library then still has on its way is unknown.
func (p *Producer) Answered() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed != nil {
		return 0
	}
	return p.answered
}

// Ease waits while more is unanswered than keeps the brokers busy, so that memory is bounded by what they take and not
// by what is computed. An error is that of a record that was not taken, or says that patience has run out.
func (p *Producer) Ease(ctx context.Context, patience time.Duration) error {
	if p.easy() {
		return p.failure()
	}
	p.release(p.current) // else it would count until it is full
	p.current = nil
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !p.easy() {
		select {
		case <-p.room:
		case <-ctx.Done():
			return wrap(ctx.Err(), "write what %s has emitted", p.id)
		}
	}
	return p.failure()
}

func (p *Producer) easy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed != nil || p.emitted-p.answered <= easyRecords && p.emittedBytes-p.answeredBytes <= easyBytes
}

// Bytes is how much the records of the open transaction hold.
func (p *Producer) Bytes() int64 { return p.emittedBytes - p.begunBytes }

// Flush returns when every record of the open transaction is written, or one is not, or patience has run out.
func (p *Producer) Flush(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.client.Flush(ctx); err != nil {
		return wrap(err, "flush the transaction of %s", p.id)
	}
	return p.failure()
}

// Written returns the offset of the last record of the open transaction in a partition of a tracked topic. It is
// complete after Flush.
func (p *Producer) Written(at Partition) (offset int64, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	offset, ok = p.written[at]
	return offset, ok
}

// Commit ends the open transaction with the offsets, and begins the next one when it landed. At least one record must
// have been emitted: franz-go ends no transaction without one, and its offsets would commit with the next.
func (p *Producer) Commit(ctx context.Context, m *Member, offsets []Committed) (Outcome, error) {
	if p.records == 0 {
		return NotEnded, fault.New(fault.Bug, fault.Place{}, "a transaction without a record")
	}
	bounded, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	if !p.plants.skipOffsets() {
		if err := p.sendOffsets(bounded, m, offsets); err != nil {
			return NotEnded, err
		}
	}
	if err := p.client.EndTransaction(bounded, kgo.TryCommit); err != nil {
		return Unknown, wrap(err, "end the transaction of %s", p.id)
	}
	return Landed, p.begin()
}

// Abort ends a transaction that did not land, or one whose outcome is unknown: afterwards it is over, one way or the
// other. An error means that this producer is of no use any more.
func (p *Producer) Abort(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	if err := p.client.AbortBufferedRecords(ctx); err != nil {
		return wrap(err, "abort the transaction of %s", p.id)
	}
	if err := p.client.EndTransaction(ctx, kgo.TryAbort); err != nil {
		return wrap(err, "abort the transaction of %s", p.id)
	}
	return p.begin()
}

// Close ends the producer. An open transaction stays open on the broker until it is fenced or times out.
func (p *Producer) Close() { p.client.Close() }

func (p *Producer) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

func (p *Producer) fresh() *slab {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.spares); n > 0 {
		s := p.spares[n-1]
		p.spares = p.spares[:n-1]
		p.flight = append(p.flight, s)
		return s
	}
	s := &slab{records: make([]kgo.Record, 0, slabRecords)}
	s.open.Store(1)
	s.promise = func(r *kgo.Record, err error) { p.answer(s, r, err) }
	p.flight = append(p.flight, s)
	return s
}

// answer notes what became of a record.
func (p *Producer) answer(s *slab, r *kgo.Record, err error) {
	if err != nil || p.tracked[r.Topic] {
		p.mu.Lock()
		if err == nil {
			p.written[Partition{r.Topic, r.Partition}] = r.Offset
		} else if p.failed == nil {
			p.failed = wrap(err, "write to %s", Partition{r.Topic, r.Partition})
			p.signal()
		}
		p.mu.Unlock()
	}
	p.release(s)
}

// release gives up one hold on the slab; the last one ends it. Slabs leave flight in order, and are spares then.
func (p *Producer) release(s *slab) {
	if s == nil || s.open.Add(-1) > 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.done = true
	n := 0
	for n < len(p.flight) && p.flight[n].done {
		s := p.flight[n]
		p.answered += int64(len(s.records))
		p.answeredBytes += s.bytes
		s.reset()
		if len(p.spares) < sparesMax {
			p.spares = append(p.spares, s)
		}
		n++
	}
	p.flight = slices.Delete(p.flight, 0, n)
	if n > 0 {
		p.signal()
	}
}

func (p *Producer) signal() {
	select {
	case p.room <- struct{}{}:
	default:
	}
}

// fenceTransactions calls InitProducerId for another producer: it is fenced, and its transaction is aborted, or, if its
// end was decided already, completed.
func fenceTransactions(ctx context.Context, client *kgo.Client, transactionalID string) error {
	for {
		err := initProducerID(ctx, client, transactionalID)
		if !errors.Is(err, kerr.ConcurrentTransactions) {
			return wrap(err, "fence the transactions of %s", transactionalID)
		}
		if pause(ctx, retryPause) != nil {
			return wrap(err, "fence the transactions of %s", transactionalID)
		}
	}
}
