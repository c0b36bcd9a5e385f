package exchange

import (
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// Lane is one upstream task's way into a writer.
type Lane struct {
	writer *Writer
	bad    BadRows
	mark   watermark.Mark
}

// Restore opens the lane at a committed watermark, or takes an open one back to it. Taking back drops what waits in the
// writer, of other lanes too, because a worker's tasks go back together; opening leaves the others alone.
func (l *Lane) Restore(at types.Watermark, idle bool) {
	l.mark.Watermark, l.mark.Idle, l.mark.Cut = at, idle, 0
	if l.writer.join(l) {
		l.writer.rollback()
	} else if at != types.NoWatermark {
		l.writer.version++ // the former owner may have committed it without having stated it
	}
}

// Own says by which ownership epoch the lane's marks are, from now on; see Mark.Owner. It comes before Restore.
func (l *Lane) Own(owner int64) { l.mark.Owner = owner }

// Push moves the selected rows of b towards their partitions.
func (l *Lane) Push(b *batch.Batch) error {
	if invariants {
		if err := l.check(b); err != nil {
			return err
		}
	}
	return l.writer.push(b, l.bad)
}

// Advance sets the lane's watermark, after every row that led to it was pushed.
func (l *Lane) Advance(at types.Watermark, idle bool) error {
	to := l.mark
	to.Watermark, to.Idle = at, idle
	if to == l.mark {
		return nil
	}
	if at < l.mark.Watermark {
		return fault.New(fault.Bug, fault.Place{}, "the watermark of channel %d of %s goes back from %d to %d", l.mark.Channel, l.writer.cfg.Topic, l.mark.Watermark, at)
	}
	l.writer.changed(l.mark, to)
	l.mark = to
	return nil
}

// Cut makes the lane's mark state a cut, after every row of before it was pushed; 0 takes it back, before rows of after it
// come.
func (l *Lane) Cut(cut int64) {
	to := l.mark
	to.Cut = cut
	if to != l.mark {
		l.writer.changed(l.mark, to)
		l.mark = to
	}
}

// Seal writes what waits in the writer, of other lanes too, and the statements that are due.
func (l *Lane) Seal() error { return l.writer.Flush() }

// Pending says whether a commit would state something although no row has come.
func (l *Lane) Pending() bool { return l.writer.Pending() }

// Tick looks at the clock.
func (l *Lane) Tick(now time.Time) { l.writer.Tick(now) }

// Close takes the lane out of the writer; nothing more is stated about its channel.
func (l *Lane) Close() { l.writer.leave(l) }

// check holds the lane to its claims: no row behind a cut that its mark states, and none for a window that it has declared over.
func (l *Lane) check(b *batch.Batch) error {
	if l.mark.Cut != 0 && b.Selected() > 0 {
		return fault.New(fault.Bug, fault.Place{}, "channel %d of %s has rows behind the cut %d that it states", l.mark.Channel, l.writer.cfg.Topic, l.mark.Cut)
	}
	c := l.writer.cfg.WindowEnd
	if c < 0 {
		return nil
	}
	for i := range b.Selected() {
		row := i
		if b.Selection != nil {
			row = int(b.Selection[i])
		}
		if v := &b.Columns[c]; !v.IsNull(row) && types.Watermark(v.Int64[row]+l.writer.cfg.WindowEndAfterMicros) <= l.mark.Watermark {
			return fault.New(fault.Bug, fault.Place{}, "a row of the window that ends at %d comes after its channel %d said %d", v.Int64[row]+l.writer.cfg.WindowEndAfterMicros, l.mark.Channel, l.mark.Watermark)
		}
	}
	return nil
}
