package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	// batchBytes is where a batch is full. A batch is a request, mostly: of 128 and 256 KiB a pass-through of bids costs a
	// fifth more (decision 50).
	batchBytes = 960 << 10
	// maxBatchBytes is what a batch may take with its last record, before it is compressed: brokers take 1 048 588 by
	// default (max.message.bytes).
	maxBatchBytes = 1_000_000

	// linger is how long a record waits for others, unless the transaction is to end. Kafka's own default since 4.0 (KIP-1030).
	// It matters most right after a commit: a broker that is asked to write while the markers of the transaction before
	// are still on their way looks again after 20 ms only (add.partitions.to.txn.retry.backoff.ms, since KIP-890).
	linger = 5 * time.Millisecond

	// What may be unanswered, or in open batches, before Ease waits. It is what a broker that takes 600 000 records a second has on
	// its way in 15 ms; more only costs memory. Emit waits at Options.SendingBytes, and closes all open batches when they hold
	// openBytes, or a quarter of that.
	easyBytes = 8 << 20
	openBytes = 16 << 20

	// DefaultSendingBytes is what a producer has on its way before Emit waits.
	DefaultSendingBytes = 64 << 20
)

// Producer is the worker's one transactional producer: at any time it has one open transaction. (For one without
// transactions see NewPlainProducer.) It encodes records into
// the batches that go out on the wire; franz-go has the connections. Its methods are called from one goroutine at a time;
// the answers of the broker come in on others.
//
//	Emit ─► open batch of the partition ─► full, lingered, flushed: closed ─► sender
type Producer struct {
	options Options
	client  *kgo.Client
	sender  *sender
	id      string
	version int16 // the broker's transaction.version
	plants  Plants

	began   bool // the first InitProducerId is done
	unknown bool // the end of the open transaction was asked for, and what became of it is not known

	topics  map[string]*topicOut
	recent  *topicOut
	open    []*outbox // with an open batch
	opened  int64     // bytes in them
	tracked map[string]bool
	millis  int64 // the clock that records are stamped by

	holds     bool // what is not tracked is held until Confirmed
	held      []*parcel
	heldBytes int64

	number  int64 // of the open transaction, from 1
	records int   // of the open transaction
	touched int   // partitions that they went to
	bytes   int64 // of their keys and values
	shipped Shipped
	refused error // of the last Tail
	most    int64 // bytes unanswered and open, before Emit waits
	// patience bounds what Emit may wait for.
	patience func() (context.Context, context.CancelFunc)
}

// NewProducer returns the producer with a transactional id. Nothing is sent before Begin. The offsets of records in the
// tracked topics are kept for Written. Ctx bounds the producer's life: when it ends, records are no longer taken.
func NewProducer(ctx context.Context, o Options, transactionalID string, tracked []string) (*Producer, error) {
	codec, err := o.Compression.codec()
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(o.client()...)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "make a producer")
	}
	most := o.SendingBytes
	if most <= 0 {
		most = DefaultSendingBytes
	}
	p := &Producer{
		most: most, options: o, client: client, id: transactionalID, plants: o.Plants, topics: map[string]*topicOut{}, tracked: map[string]bool{},
		patience: func() (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, transactionTimeout) },
	}
	p.sender = newSender(ctx, transactionalID, codec, o.backoff())
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
	if p.sender.plain {
		if err := p.claim(ctx); err != nil {
			return wrap(err, "ask for a producer id for %s", p.id)
		}
		p.began = true
		p.begin()
		return nil
	}
	version, err := transactionVersion(ctx, p.client)
	if err != nil {
		return err
	}
	p.version = version
	if err := p.pin(); err != nil {
		return err
	}
	if err := p.initialise(ctx, -1, -1); err != nil {
		return wrap(err, "begin transactions as %s", p.id)
	}
	p.began = true
	p.begin()
	return nil
}

// pin keeps requests to the versions that mean what the broker's transaction.version says: below 2 a produce request adds
// no partition to the transaction, and the end of one leaves the epoch as it is.
func (p *Producer) pin() error {
	p.sender.explicit = p.version < implicitAddVersion
	if p.sender.explicit {
		versions := kversion.Stable()
		versions.SetMaxKeyVersion(kmsg.Produce.Int16(), explicitProduceVersion)
		versions.SetMaxKeyVersion(kmsg.EndTxn.Int16(), explicitEndTxnVersion)
		client, err := kgo.NewClient(p.options.client(kgo.MaxVersions(versions))...)
		if err != nil {
			return fault.Wrap(fault.User, err, "make a producer")
		}
		p.client.Close()
		p.client = client
	}
	p.sender.client = p.client
	return nil
}

// begin opens the next transaction.
func (p *Producer) begin() {
	p.number++
	p.records, p.touched, p.bytes, p.unknown, p.shipped = 0, 0, 0, false, Shipped{}
	p.sender.begin()
}

// At sets the clock that records are stamped by. Without it each record asks for the time, which costs as much as
// encoding it.
func (p *Producer) At(now time.Time) { p.millis = now.UnixMilli() }

// Tail returns an empty slice with room for n bytes: where the value of the next record to the partition is to lie. What
// is appended to it and given to Emit next is not copied again. It is good until then.
func (p *Producer) Tail(topic string, partition int32, n int) []byte {
	box, err := p.box(topic, partition, nil)
	if err == nil && box.open.Count() == 0 {
		err = p.start(box)
	}
	if p.refused = err; err != nil {
		return nil
	}
	p.reserve(box, n+recordbatch.Room(nil, nil))
	return box.open.Tail(n)
}

// Emit adds a record to the open transaction. Key and value are copied, unless the value lies in the Tail. A partition of
// -1 leaves the choice to the producer: by key, or any. It waits while the buffer is full.
func (p *Producer) Emit(topic string, partition int32, key, value []byte) error {
	if p.refused != nil {
		err := p.refused
		p.refused = nil
		return err
	}
	box, err := p.box(topic, partition, key)
	if err != nil {
		return err
	}
	room := recordbatch.Room(key, value)
	if box.open.Count() > 0 && box.open.Bytes()+room > maxBatchBytes {
		value = append([]byte(nil), value...) // it may lie in the batch that is sent now
		p.ship(box)
		if box, err = p.box(topic, partition, key); err != nil {
			return err
		}
	}
	if box.open.Count() == 0 {
		if room > maxBatchBytes {
			return wrap(kerr.MessageTooLarge, "write a record of %d bytes to %s", len(key)+len(value), box.Partition)
		}
		if err := p.start(box); err != nil {
			return err
		}
	}
	p.reserve(box, room)
	before := box.open.Bytes()
	if box.open.Count() == 0 {
		before = 0
		p.open = append(p.open, box)
		box.since = time.Now()
		if box.number != p.number {
			box.number = p.number
			p.touched++
		}
	}
	box.open.Append(p.millis, key, value)
	p.records++
	p.bytes += int64(len(key) + len(value))
	p.opened += int64(box.open.Bytes() - before)
	if box.open.Bytes() >= batchBytes {
		p.ship(box)
	} else if p.opened >= min(openBytes, p.most/4) {
		p.shipAll()
	}
	return nil
}

// Records is the number of records in the open transaction.
func (p *Producer) Records() int { return p.records }

// Touched is the number of partitions that the records of the open transaction went to: each gets a marker when it ends.
func (p *Producer) Touched() int { return p.touched }

// Bytes is how much the records of the open transaction hold.
func (p *Producer) Bytes() int64 { return p.bytes }

// Shipped is how much of the open transaction is in closed batches: all of it, behind a Flush.
func (p *Producer) Shipped() Shipped { return p.shipped }

// Ease sends what has lingered, and waits while more is unanswered than keeps the brokers busy, so that memory is bounded by what
// they take and not by what is computed. An error is that of a record that was not taken, or says that patience has run
// out. It is called every few milliseconds: nothing else ends the linger of a record that no other follows.
func (p *Producer) Ease(ctx context.Context, patience time.Duration) error {
	if len(p.open) > 0 && !p.holds {
		p.shipLingering(time.Now())
	}
	unanswered, err := p.sender.load()
	if err != nil || p.holds || unanswered+p.opened <= min(easyBytes, p.most) {
		return err
	}
	p.shipAll()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return p.sender.wait(ctx, min(easyBytes, p.most))
}

// Flush returns when every record of the open transaction is written, or one is not, or patience has run out.
func (p *Producer) Flush(ctx context.Context, patience time.Duration) error {
	p.shipAll()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return p.sender.wait(ctx, 0)
}

// Written returns the offset of the last record of the open transaction in a partition of a tracked topic. It is
// complete after Flush.
func (p *Producer) Written(at Partition) (offset int64, ok bool) {
	p.sender.mu.Lock()
	defer p.sender.mu.Unlock()
	offset, ok = p.sender.written[at]
	return offset, ok
}

// Close ends the producer. An open transaction stays open on the broker until it is fenced or times out.
func (p *Producer) Close() {
	p.sender.close()
	p.client.Close()
}

// box finds the record's outbox.
func (p *Producer) box(topic string, partition int32, key []byte) (*outbox, error) {
	t := p.recent
	if t == nil || t.name != topic {
		t = p.topic(topic)
		p.recent = t
	}
	switch {
	case partition >= 0 && int(partition) < len(t.boxes) && t.boxes[partition] != nil:
		return t.boxes[partition], nil
	case partition >= 0:
		return p.outbox(t, partition), nil
	case key == nil && t.sticky != nil:
		return t.sticky, nil
	}
	return p.pick(t, key)
}

func (p *Producer) topic(name string) *topicOut {
	t := p.topics[name]
	if t == nil {
		t = &topicOut{name: name, tracked: p.tracked[name], last: int32(murmur2([]byte(p.id)) & 0xffff)}
		p.topics[name] = t
		p.sender.know(name)
	}
	return t
}

func (p *Producer) outbox(t *topicOut, partition int32) *outbox {
	for int(partition) >= len(t.boxes) {
		t.boxes = append(t.boxes, nil)
	}
	if t.boxes[partition] == nil {
		box := &outbox{Partition: Partition{t.name, partition}, tracked: t.tracked}
		t.boxes[partition] = box
		p.sender.add(box)
	}
	return t.boxes[partition]
}

// pick chooses a partition: by key, or the next one, which the records without a key stick to until its batch is closed.
func (p *Producer) pick(t *topicOut, key []byte) (*outbox, error) {
	next, n, err := p.sender.choose(t.name, t.last)
	if n == 0 && err == nil {
		next, n, err = p.await(t)
	}
	switch {
	case err != nil:
		return nil, err
	case key != nil:
		return p.outbox(t, partitionOf(key, n)), nil
	}
	t.last, t.sticky = next, p.outbox(t, next)
	return t.sticky, nil
}

// await chooses as soon as the topic's partitions are known.
func (p *Producer) await(t *topicOut) (next int32, partitions int, err error) {
	ctx, cancel := p.patience()
	defer cancel()
	for {
		select {
		case <-p.sender.room:
		case <-ctx.Done():
			return 0, 0, wrap(ctx.Err(), "ask which partitions %s has", t.name)
		}
		if next, partitions, err = p.sender.choose(t.name, t.last); partitions > 0 || err != nil {
			return next, partitions, err
		}
	}
}

// start gives a batch its memory. It waits while too much is unanswered.
func (p *Producer) start(box *outbox) error {
	if !p.began {
		return fault.New(fault.Bug, fault.Place{}, "a record before the first transaction")
	}
	unanswered, err := p.sender.load()
	if err == nil && p.holds {
		err = p.full()
	} else if err == nil && unanswered+p.opened > p.most {
		p.shipAll()
		ctx, cancel := p.patience()
		defer cancel()
		err = p.sender.wait(ctx, p.most)
	}
	if err == nil && box.open.Free() == 0 {
		box.open.Use(p.sender.buffers.get(max(box.last, 1)))
	}
	return err
}

// reserve makes room for n bytes more: twice what there is, up to the largest memory that is used again.
func (p *Producer) reserve(box *outbox, n int) {
	if w := &box.open; w.Free() < n {
		p.sender.buffers.put(w.Move(p.sender.buffers.get(max(w.Bytes()+n, min(2*w.Bytes(), 1<<mostBufferBits)))))
	}
}

// ship closes an open batch.
func (p *Producer) ship(box *outbox) {
	for i, b := range p.open {
		if b == box {
			last := len(p.open) - 1
			p.open[i], p.open[last] = p.open[last], nil
			p.open = p.open[:last]
			break
		}
	}
	p.dispatch(p.shut(box))
}

// shut makes a parcel of an open batch.
func (p *Producer) shut(box *outbox) *parcel {
	parcel := &parcel{box: box, batch: box.open, bytes: int64(box.open.Bytes()), count: box.open.Count()}
	p.shipped.count(box)
	box.last, box.open = box.open.Bytes(), recordbatch.Writer{}
	p.opened -= parcel.bytes
	if t := p.topics[box.Topic]; t.sticky == box {
		t.sticky = nil
	}
	return parcel
}

func (p *Producer) shipAll() { p.shipLingering(time.Time{}) }

// shipLingering closes the batches that have lingered, or all where now is zero.
func (p *Producer) shipLingering(now time.Time) {
	kept := p.open[:0]
	var parcels []*parcel
	for _, box := range p.open {
		if !now.IsZero() && now.Sub(box.since) < linger {
			kept = append(kept, box)
			continue
		}
		parcels = append(parcels, p.shut(box))
	}
	clear(p.open[len(kept):])
	p.open = kept
	p.dispatch(parcels...)
}
