package accumulator

import (
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// Singles makes partial results of single rows: what AppendPartials would give for groups of one row each, without
// groups. It keeps the memory of what it makes, so one goroutine uses it.
type Singles struct {
	set     *Set
	columns []batch.Vector
	// own are the vectors that are made for each batch; columns are views of them, or of the input's.
	own  []batch.Vector
	used int
}

// NewSingles returns the singles of a set over rows.
func NewSingles(set *Set) *Singles { return &Singles{set: set} }

// Of returns the partial results of the selected rows of b, as columns with a slot for every row of b. They are valid
// until the next call and as long as b is.
func (s *Singles) Of(b *batch.Batch) []batch.Vector {
	s.columns, s.used = s.columns[:0], 0
	for i := range s.set.steps {
		s.step(&s.set.steps[i], b)
	}
	return s.columns
}

func (s *Singles) step(st *step, b *batch.Batch) {
	left := s.leftOut(st, b)
	switch {
	case st.op == opCount:
		s.columns = append(s.columns, s.counts(left, b.Length))
	case st.op == opSumInt:
		s.columns = append(s.columns, view(&b.Columns[st.argument], types.BigInt, left), s.constant(0, b.Length))
	case st.op == opAvgInt:
		low := s.vector(types.BigInt, b.Length)
		for i, x := range b.Columns[st.argument].Int64[:b.Length] {
			if low.Int64[i] = x; left != nil && left[i] {
				low.Int64[i] = 0
			}
		}
		sum := *low
		s.columns = append(s.columns, s.counts(left, b.Length), sum, s.constant(0, b.Length))
	case st.op == opSumFloat && st.average:
		sum := s.vector(types.Double, b.Length)
		for i, x := range b.Columns[st.argument].Float64[:b.Length] {
			if sum.Float64[i] = x; left != nil && left[i] {
				sum.Float64[i] = 0
			}
		}
		whole := *sum
		s.columns = append(s.columns, s.counts(left, b.Length), whole)
	default:
		s.columns = append(s.columns, view(&b.Columns[st.argument], st.kind, left))
	}
}

// leftOut marks the rows that a step does not count; nil when it counts all. The marks are the step's own.
func (s *Singles) leftOut(st *step, b *batch.Batch) []bool {
	var nulls []bool
	if st.argument >= 0 {
		nulls = b.Columns[st.argument].Null
	}
	if st.filter < 0 {
		return nulls
	}
	filter := &b.Columns[st.filter]
	own := s.vector(types.Boolean, b.Length)
	for i := range own.Bool {
		own.Bool[i] = !filter.Bool[i] || filter.IsNull(i) || nulls != nil && nulls[i]
	}
	return own.Bool
}

// view returns the values of v as another kind of the same storage, NULL where they are left out.
func view(v *batch.Vector, kind types.Kind, left []bool) batch.Vector {
	out := *v
	out.Kind, out.Null = kind, left
	return out
}

// counts is 1 for each row, and 0 for those that are left out.
func (s *Singles) counts(left []bool, n int) batch.Vector {
	if left == nil {
		return s.constant(1, n)
	}
	v := s.vector(types.BigInt, n)
	for i := range v.Int64 {
		if v.Int64[i] = 1; left[i] {
			v.Int64[i] = 0
		}
	}
	return *v
}

func (s *Singles) constant(x int64, n int) batch.Vector {
	v := s.vector(types.BigInt, n)
	for i := range v.Int64 {
		v.Int64[i] = x
	}
	return *v
}

// vector returns a vector of n slots, one that is not in use in this batch.
func (s *Singles) vector(kind types.Kind, n int) *batch.Vector {
	if s.used == len(s.own) {
		s.own = append(slices.Clip(s.own), batch.Vector{})
	}
	v := &s.own[s.used]
	s.used++
	v.Resize(kind, n)
	return v
}
