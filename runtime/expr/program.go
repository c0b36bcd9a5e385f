package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Program is a compiled expression with the memory that it runs in: one goroutine uses it at a time. Compile another of
// the same tree for another goroutine.
type Program struct {
	root     evaluator
	kind     types.Kind
	frame    frame
	selected []int32
}

// Kind returns the type of the program's value.
func (p *Program) Kind() types.Kind { return p.kind }

// Eval computes the selected rows of a batch whose columns are of the kinds that the program was compiled for. The vector
// has b.Length slots, of which the selected rows' are set; it belongs to the program, or, when the expression is a column
// alone, to the batch, and is valid until the next Eval or Select. The errors, nil when there are none, are those of rows
// that have no value, at most one a row and in row order, and are valid as long; what the vector holds at such rows is
// unspecified. The last error is of the program itself, never of a row.
func (p *Program) Eval(b *batch.Batch) (*batch.Vector, []RowError, error) {
	p.frame.reset(b)
	v := p.root.eval(&p.frame, b.Selection)
	return v, p.frame.failures(), nil
}

// Select appends to dst the selected rows on which the program, of kind BOOLEAN, is TRUE, in ascending order, and returns
// it, never nil. dst may be b.Selection[:0]. A row with an error is not TRUE. Of an AND at the top, a side is not
// evaluated on a row on which one before it is FALSE or NULL.
func (p *Program) Select(b *batch.Batch, dst []int32) ([]int32, []RowError, error) {
	if p.kind != types.Boolean {
		return dst, nil, fault.New(fault.Bug, fault.Place{}, "rows are selected by an expression of type %s", p.kind)
	}
	p.frame.reset(b)
	p.selected = selectTrue(&p.frame, p.root, b.Selection, p.selected)
	if dst == nil {
		dst = make([]int32, 0, len(p.selected))
	}
	failures := p.frame.failures()
	if failures == nil {
		return append(dst, p.selected...), nil, nil
	}
	next := 0
	for _, row := range p.selected {
		for next < len(failures) && failures[next].Row < row {
			next++
		}
		if next == len(failures) || failures[next].Row != row {
			dst = append(dst, row)
		}
	}
	return dst, failures, nil
}
