package task

import (
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// receiver is the input from an exchange: the rows of a record first, then the watermarks that it states.
type receiver struct {
	reader   *exchange.Reader
	header   exchange.Header
	batch    batch.Batch
	channels watermark.Channels
}

func newReceiver(kinds []types.Kind) *receiver { return &receiver{reader: exchange.NewReader(kinds)} }

func (x *receiver) process(t *Task, records []Record) error {
	for i := range records {
		r := &records[i]
		if err := x.reader.Decode(r.Value, &x.header, &x.batch); err != nil {
			return &fault.Error{Kind: fault.KindOf(err), Place: fault.InRecord(r.Topic, r.Partition, r.Offset), Message: "read an exchange", Cause: err}
		}
		t.next = r.Offset + 1
		t.tally.place.Offset = r.Offset
		t.tally.open.RowsIn += int64(x.batch.Length)
		if x.batch.Length > 0 {
			if err := t.push(&x.batch); err != nil {
				return err
			}
		}
		x.channels.Grow(x.header.Channels)
		for _, m := range x.header.Marks {
			x.channels.Update(m)
		}
		if err := t.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (x *receiver) mark() (types.Watermark, bool) { return x.channels.Watermark(), x.channels.Idle() }

func (x *receiver) restore(m Meta, channels *watermark.Channels) {
	x.channels.CopyFrom(channels)
	if m.Seq == 0 && m.watermarkCounts() {
		x.channels.Begin(m.Watermark)
	}
}

func (x *receiver) tick(time.Time, bool) bool { return false }

func (x *receiver) end() bool { return false }
