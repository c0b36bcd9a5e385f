package project

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
)

// Project is the operator.
type Project struct {
	programs []*expr.Program
	bad      operator.BadRows
	in, out  batch.Batch
	// selections are two, so that one can be made from the other.
	selections [2][]int32
	failures   []expr.RowError
}

// New returns a projection by programs, which are its own from now on. Rows on which one fails go to bad.
func New(programs []*expr.Program, bad operator.BadRows) *Project {
	return &Project{programs: programs, bad: bad}
}

// Push passes on the selected rows of b with the new columns.
func (p *Project) Push(b *batch.Batch, out operator.Output) error {
	p.in, p.failures = *b, p.failures[:0]
	columns := p.out.Columns[:0]
	spare := 0
	for _, program := range p.programs {
		v, failures, err := program.Eval(&p.in)
		if err != nil {
			return err
		}
		if len(failures) > 0 {
			p.failures = append(p.failures, failures...)
			p.selections[spare] = without(p.selections[spare][:0], &p.in, failures)
			p.in.Selection = p.selections[spare]
			spare = 1 - spare
		}
		columns = append(columns, *v)
	}
	// In row order, so that the first bad row of a batch is the one that a job stops at, whichever column it is.
	slices.SortFunc(p.failures, func(x, y expr.RowError) int { return cmp.Compare(x.Row, y.Row) })
	for _, e := range p.failures {
		if err := p.bad.Bad(b, int(e.Row), e.Err); err != nil {
			return err
		}
	}
	p.out = p.in
	p.out.Columns = columns
	if p.out.Selected() == 0 {
		return nil
	}
	return out.Push(&p.out)
}

// Advance has nothing to emit.
func (p *Project) Advance(types.Watermark, operator.Output) error { return nil }

// without appends the selected rows of b that did not fail; failures are in row order. The result is not nil: that would
// be all rows.
func without(dst []int32, b *batch.Batch, failures []expr.RowError) []int32 {
	if dst == nil {
		dst = []int32{}
	}
	for n := range b.Selected() {
		row := int32(n)
		if b.Selection != nil {
			row = b.Selection[n]
		}
		for len(failures) > 0 && failures[0].Row < row {
			failures = failures[1:]
		}
		if len(failures) > 0 && failures[0].Row == row {
			continue
		}
		dst = append(dst, row)
	}
	return dst
}
