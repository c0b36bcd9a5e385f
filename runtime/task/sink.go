package task

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
)

// mostRoomBytes bounds what a sink asks for ahead of a value.
const mostRoomBytes = 64 << 10

// Sink is the Output that writes one record a row to a user's topic, with no key and to the partition that the producer
// chooses. It holds nothing back.
type Sink struct {
	topic   string
	encoder format.Encoder
	emit    Emit
	bad     operator.BadRows
	room    int // what a value of this sink usually needs
}

// NewSink returns a sink; bad decides about rows that the format cannot hold.
func NewSink(topic string, encoder format.Encoder, emit Emit, bad operator.BadRows) *Sink {
	return &Sink{topic: topic, encoder: encoder, emit: emit, bad: bad, room: 256}
}

// Push implements Output.
func (s *Sink) Push(b *batch.Batch) error {
	for i := range b.Selected() {
		row := i
		if b.Selection != nil {
			row = int(b.Selection[i])
		}
		tail := s.emit.Tail(s.topic, -1, s.room)
		value, err := s.encoder.Encode(tail, b, row)
		if err != nil {
			if fault.KindOf(err) != fault.Data {
				return err
			}
			if err := s.bad.Bad(b, row, err); err != nil {
				return err
			}
			continue
		}
		if cap(value) != cap(tail) { // it was moved for want of room, which the encoder may need more of than it uses
			s.room = min(max(s.room, cap(value)), mostRoomBytes)
		}
		if err := s.emit.Emit(s.topic, -1, nil, value); err != nil {
			return err
		}
	}
	return nil
}

// Advance implements Output; a sink topic carries no watermarks.
func (s *Sink) Advance(types.Watermark, bool) error { return nil }

// Seal implements Output; every row was emitted at once.
func (s *Sink) Seal() error { return nil }

// Restore implements Output; an aborted transaction takes the emitted rows with it.
func (s *Sink) Restore(types.Watermark, bool) {}

// Close implements Output.
func (s *Sink) Close() {}
