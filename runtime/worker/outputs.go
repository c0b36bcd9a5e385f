package worker

import (
	"context"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/task"
)

// outputs takes what a trial emits: what goes to its own topics is the session's producer's, and the rest, which others read, another one's, whose
// transactions are aborted. Nil is a worker that is no trial: then the session's producer has all.
type outputs struct {
	own      *kafka.Producer
	internal map[string]bool
	// aborted writes outputs; nil where the delivery knows no transactions, and they are dropped.
	aborted *kafka.Producer
	scratch []byte // of what is dropped
}

// newOutputs returns what a trial emits to; nil where the worker is none.
func (s *session) newOutputs(hard context.Context) (*outputs, error) {
	if s.cfg.Trial == nil {
		return nil, nil
	}
	o := &outputs{own: s.producer, internal: map[string]bool{}}
	for _, t := range s.cfg.internal() {
		o.internal[t.Name] = true
	}
	if s.cfg.untransacted() {
		return o, nil
	}
	var err error
	o.aborted, err = kafka.NewProducer(hard, s.cfg.Kafka, s.cfg.Topics.OutputID(), nil)
	return o, err
}

// emit is where the session's tasks write to.
func (s *session) emit() task.Emit {
	if s.outputs == nil {
		return s.producer
	}
	return s.outputs
}

// Tail implements task.Emit.
func (o *outputs) Tail(topic string, partition int32, n int) []byte {
	switch {
	case o.internal[topic]:
		return o.own.Tail(topic, partition, n)
	case o.aborted != nil:
		return o.aborted.Tail(topic, partition, n)
	}
	if cap(o.scratch) < n {
		o.scratch = make([]byte, 0, n)
	}
	return o.scratch[:0]
}

// Emit implements task.Emit.
func (o *outputs) Emit(topic string, partition int32, key, value []byte) error {
	switch {
	case o.internal[topic]:
		return o.own.Emit(topic, partition, key, value)
	case o.aborted != nil:
		return o.aborted.Emit(topic, partition, key, value)
	}
	return nil
}

// begin readies the other producer, and ends what one before it has left open.
func (o *outputs) begin(ctx context.Context) error {
	if o == nil || o.aborted == nil {
		return nil
	}
	return o.aborted.Begin(ctx)
}

// at sets the clock that records are stamped by.
func (o *outputs) at(now time.Time) {
	if o != nil && o.aborted != nil {
		o.aborted.At(now)
	}
}

// bytes is how much the open transaction holds.
func (o *outputs) bytes() int64 {
	if o == nil || o.aborted == nil {
		return 0
	}
	return o.aborted.Bytes()
}

// ease is Producer.Ease.
func (o *outputs) ease(ctx context.Context, patience time.Duration) error {
	if o == nil || o.aborted == nil {
		return nil
	}
	return o.aborted.Ease(ctx, patience)
}

// prove returns when the brokers have taken every record, and the transaction with them is aborted. An error is that of a record that was not taken.
func (o *outputs) prove(ctx context.Context, patience time.Duration) error {
	if o == nil || o.aborted == nil {
		return nil
	}
	if err := o.aborted.Flush(ctx, patience); err != nil {
		return err
	}
	return o.aborted.Abort(ctx)
}

// abort takes back what was emitted since the last commit.
func (o *outputs) abort(ctx context.Context) error {
	if o == nil || o.aborted == nil {
		return nil
	}
	return o.aborted.Abort(ctx)
}

func (o *outputs) close() {
	if o != nil && o.aborted != nil {
		o.aborted.Close()
	}
}
