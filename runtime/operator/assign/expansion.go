package assign

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
)

// expandedRows is the number of rows in an emitted batch of expanded rows.
const expandedRows = 4096

// expansion is a batch of rows, each once for every window it is in.
type expansion struct {
	batch        batch.Batch
	rows         []int32
	starts, ends []int64
}

// expand emits the selected rows, whose runs are assigned, once for each window.
func (a *Assigner) expand(b *batch.Batch, out operator.Output) error {
	e := &a.wide
	for _, i := range a.selection {
		last := a.second.Int64[i]
		run := a.run
		run.Last = last
		for end := a.first.Int64[i]; ; end += a.shape.StepMicros {
			e.rows = append(e.rows, i)
			e.starts, e.ends = append(e.starts, a.shape.Start(run, end)), append(e.ends, end)
			if len(e.rows) == expandedRows {
				if err := e.emit(b, out); err != nil {
					return err
				}
			}
			if end == last { // not "below": the next end may be beyond the range
				break
			}
		}
	}
	return e.emit(b, out)
}

// emit copies the listed rows of b and pushes them.
func (e *expansion) emit(b *batch.Batch, out operator.Output) error {
	if len(e.rows) == 0 {
		return nil
	}
	o := &e.batch
	width := len(b.Columns)
	if len(o.Columns) != width+2 {
		o.Columns = make([]batch.Vector, width+2)
	}
	for c := range b.Columns {
		o.Columns[c].Reset(b.Columns[c].Kind)
		o.Columns[c].AppendSelected(&b.Columns[c], e.rows, 0)
	}
	for c, values := range [2][]int64{e.starts, e.ends} {
		v := &o.Columns[width+c]
		v.Reset(types.Timestamp)
		v.Int64 = append(v.Int64, values...)
	}
	o.RowWatermark, o.Offsets = o.RowWatermark[:0], o.Offsets[:0]
	for _, i := range e.rows {
		if len(b.RowWatermark) > 0 {
			o.RowWatermark = append(o.RowWatermark, b.RowWatermark[i])
		}
		if len(b.Offsets) > 0 {
			o.Offsets = append(o.Offsets, b.Offsets[i])
		}
	}
	o.Topic, o.Partition, o.Length, o.Selection = b.Topic, b.Partition, len(e.rows), nil
	e.rows, e.starts, e.ends = e.rows[:0], e.starts[:0], e.ends[:0]
	return out.Push(o)
}
