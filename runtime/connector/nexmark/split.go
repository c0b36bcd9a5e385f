package nexmark

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/millrace/millrace/runtime/connector"
	"github.com/millrace/millrace/runtime/nexmark"
)

const (
	group = 50 // events that stay together
	// What one Read gives and looks at, at most.
	readRecords = 4096
	readEvents  = 16384

	positionBytes = 8
)

// Split is a share of the stream. One goroutine uses it.
type Split struct {
	source        *Source
	number        int64
	end           int64
	began         time.Time // of the first Read, which was at offset first
	first         int64
	records       []connector.Record
	positions     []byte
	ratePerSecond float64 // 0: no bound
}

// End returns the offset after the split's last event; false when there is no last one.
func (s *Split) End() (offset int64, ends bool) { return s.end, s.end < math.MaxInt64 }

// Read returns records from an offset on, and the offset to go on at. They are valid until the next Read. None, and the
// same offset, say that nothing is due at the time now, or that the end is reached.
func (s *Split) Read(from int64, now time.Time) ([]connector.Record, int64) {
	until := min(s.end, from+readEvents)
	if s.ratePerSecond > 0 {
		if s.began.IsZero() {
			s.began, s.first = now, from
		}
		until = min(until, s.first+int64(now.Sub(s.began).Seconds()*s.ratePerSecond))
	}
	s.records, s.positions = s.records[:0], s.positions[:0]
	next := from
	for ; next < until && len(s.records) < readRecords; next++ {
		position := s.position(next)
		e := s.source.generator.Event(position)
		if e.Kind != s.source.kind {
			continue
		}
		begin := len(s.positions)
		s.positions = binary.LittleEndian.AppendUint64(s.positions, uint64(position)) //nolint:gosec // not negative
		s.records = append(s.records, connector.Record{
			Topic: s.source.name, Partition: int32(s.number), Offset: next, //nolint:gosec // at most some thousand splits
			Value: s.positions[begin : begin+positionBytes], TimestampMicros: e.Millis * 1000,
		})
	}
	return s.records, next
}

// position is where the event at an offset of the split is in the whole stream.
func (s *Split) position(offset int64) int64 {
	return (offset/group*s.source.splits+s.number)*group + offset%group
}

// endOf returns how many of so many events are in a split.
func endOf(events, number, splits int64) int64 {
	if events == 0 {
		return math.MaxInt64
	}
	whole, rest := events/group, events%group
	n := max(0, (whole-number+splits-1)/splits) * group
	if whole%splits == number {
		n += rest
	}
	return n
}

// eventAt reads a record's value.
func eventAt(g *nexmark.Generator, value []byte) (nexmark.Event, bool) {
	if len(value) != positionBytes {
		return nexmark.Event{}, false
	}
	return g.Event(int64(binary.LittleEndian.Uint64(value))), true //nolint:gosec // what Read has written
}
