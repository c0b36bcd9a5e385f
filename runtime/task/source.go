package task

import (
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// Bounds of a batch of decoded rows.
const (
	batchRows  = 4096
	batchBytes = 8 << 20
)

// Source describes a task's input from a user's topic.
type Source struct {
	Decoder format.Decoder
	// Kinds are the columns that the decoder appends to.
	Kinds []types.Kind
	// EventTime is the position of the event time, or -1: then the watermark moves at the end of the input alone.
	EventTime int
	// MaxOutOfOrdernessMicros and IdleTimeout are the watermark's; an IdleTimeout of 0 means never idle.
	MaxOutOfOrdernessMicros int64
	IdleTimeout             time.Duration
	// RowWatermarks fills each batch's RowWatermark, for operators that decide about late rows.
	RowWatermarks bool
}

// source is the input from a user's topic.
type source struct {
	Source
	batch     batch.Batch
	watermark watermark.Source
}

func newSource(s Source) *source {
	return &source{Source: s, watermark: watermark.NewSource(s.MaxOutOfOrdernessMicros, s.IdleTimeout)}
}

func (s *source) process(t *Task, records []Record) error {
	if s.watermark.Idle() {
		s.watermark.Active()
		if err := t.advance(); err != nil { // said before the rows are, so that nobody goes on without them
			return err
		}
	}
	s.watermark.Active()
	s.reset(t)
	size := 0
	for i := range records {
		r := &records[i]
		err := s.Decoder.Decode(r.Value, &s.batch)
		t.next = r.Offset + 1
		if err == nil {
			s.batch.Offsets = append(s.batch.Offsets, r.Offset)
			s.batch.Length++
			size += len(r.Value)
		} else {
			if err := t.tally.refuse(fault.InRecord(r.Topic, r.Partition, r.Offset), err); err != nil {
				return err
			}
		}
		if s.batch.Length >= batchRows || size >= batchBytes {
			if err := s.run(t); err != nil {
				return err
			}
			size = 0
		}
	}
	return s.run(t)
}

func (s *source) reset(t *Task) {
	s.batch.Reset(s.Kinds)
	s.batch.Topic, s.batch.Partition = t.cfg.Topic, t.cfg.Partition
}

// run moves the watermark over all decoded rows, hands them on, and then tells the watermark.
func (s *source) run(t *Task) error {
	if s.batch.Length == 0 {
		return nil
	}
	t.tally.open.RowsIn += int64(s.batch.Length)
	if s.EventTime >= 0 {
		v := &s.batch.Columns[s.EventTime]
		if s.RowWatermarks {
			s.batch.RowWatermark = s.watermark.ObserveEach(v.Int64, v.Null, s.batch.RowWatermark[:0])
		} else {
			s.watermark.Observe(v.Int64, v.Null)
		}
	}
	if err := t.push(&s.batch); err != nil {
		return err
	}
	s.reset(t)
	return t.advance()
}

func (s *source) mark() (types.Watermark, bool) { return s.watermark.Watermark(), s.watermark.Idle() }

func (s *source) restore(m Meta, _ *watermark.Channels) {
	s.watermark = watermark.NewSource(s.MaxOutOfOrdernessMicros, s.IdleTimeout)
	if m.watermarkCounts() {
		s.watermark.Restore(m.Watermark, m.Idle)
	}
}

func (s *source) tick(now time.Time, caughtUp bool) bool { return s.watermark.Tick(now, caughtUp) }

func (s *source) end() bool {
	s.watermark.End()
	return true
}
