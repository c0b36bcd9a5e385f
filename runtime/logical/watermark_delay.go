package logical

import (
	"time"

	"github.com/millrace/millrace/runtime/sql"
)

// delay reads the expression of a watermark: the column itself, or the column minus an interval.
func (b *binder) delay(w *sql.WatermarkDef) (time.Duration, error) {
	name := w.Column.Name
	wrong := b.fault(w.Expr.Pos(), "the watermark of %s must be %s or %s minus an interval", name, name, name).
		Do("write WATERMARK FOR %s AS %s - INTERVAL '5' SECOND", name, name)
	if isColumn(w.Expr, name) {
		return 0, nil
	}
	minus, ok := w.Expr.(*sql.Binary)
	if !ok || minus.Op != sql.Subtract || !isColumn(minus.Left, name) {
		return 0, wrong
	}
	interval, ok := minus.Right.(*sql.IntervalLiteral)
	if !ok {
		return 0, wrong
	}
	micros, err := b.intervalMicros(interval)
	if err != nil {
		return 0, err
	}
	if micros < 0 {
		return 0, b.fault(interval.At, "rows can't be awaited for a negative time").Do("leave out the minus before the interval")
	}
	if micros > maxIntervalMicros {
		return 0, b.fault(interval.At, "the watermark's delay is longer than 100 years")
	}
	return time.Duration(micros) * time.Microsecond, nil
}

func isColumn(e sql.Expr, name string) bool {
	c, ok := e.(*sql.ColumnRef)
	return ok && c.Table == nil && c.Name.Name == name
}

// maxIntervalMicros bounds delays, sizes and offsets of windows, so that no sum with a time of our era overflows.
const maxIntervalMicros = 100 * 366 * 24 * 60 * 60 * 1_000_000

// intervalMicros returns the length of an interval of weeks and shorter units.
func (b *binder) intervalMicros(n *sql.IntervalLiteral) (int64, error) {
	if n.Months != 0 || n.From == sql.Year || n.From == sql.Quarter || n.From == sql.Month {
		return 0, b.fault(n.At, "intervals of years, quarters and months are not supported yet, because their length varies").
			Do("write it in days, as in INTERVAL '30' DAY")
	}
	return n.Micros, nil
}
