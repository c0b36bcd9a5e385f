package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// arithmetic is an operator over two vectors of numbers.
type arithmetic[T any] struct {
	at   fault.Place
	name string
	kind types.Kind
	a, b evaluator
	// values is the slice that holds a vector's values.
	values func(v *batch.Vector) []T
	// fast computes all rows and says whether one may have failed; nil when each row needs its test.
	fast func(dst, a, b []T, sel []int32) bool
	// one computes one row, and says false when it fails.
	one  func(a, b T) (T, bool)
	out  batch.Vector
	live liveRows
}

func (e *arithmetic[T]) eval(f *frame, sel []int32) *batch.Vector {
	x, y := e.a.eval(f, sel), e.b.eval(f, sel)
	e.out.Resize(e.kind, f.rows)
	mergeNulls(&e.out, x)
	mergeNulls(&e.out, y)
	dst, a, b := e.values(&e.out), e.values(x), e.values(y)
	if e.fast != nil && !e.fast(dst, a, b, sel) {
		return &e.out
	}
	live := e.live.of(&e.out, sel, f.rows)
	if live == nil {
		for i := range dst {
			e.row(f, x, y, dst, a, b, i)
		}
		return &e.out
	}
	for _, i := range live {
		e.row(f, x, y, dst, a, b, int(i))
	}
	return &e.out
}

func (e *arithmetic[T]) row(f *frame, x, y *batch.Vector, dst, a, b []T, i int) {
	r, ok := e.one(a[i], b[i])
	if !ok {
		f.fail(i, e.at, e.reason(x, y, i))
		e.out.SetNull(i)
		return
	}
	dst[i] = r
}

func (e *arithmetic[T]) reason(x, y *batch.Vector, i int) *fault.Error {
	left, right := valueText(x, i), valueText(y, i)
	if (e.name == "/" || e.name == "%") && isZero(y, i) {
		return fault.New(fault.Data, fault.Place{}, "division by zero: %s %s %s", left, e.name, right)
	}
	return fault.New(fault.Data, fault.Place{}, "%s out of range: %s %s %s", e.kind, left, e.name, right)
}

func isZero(v *batch.Vector, i int) bool {
	if v.Kind.Storage() == types.StoreFloat64 {
		return v.Float64[i] == 0
	}
	return v.Int64[i] == 0
}

func int64s(v *batch.Vector) []int64     { return v.Int64 }
func float64s(v *batch.Vector) []float64 { return v.Float64 }

type (
	fastInteger = func(dst, a, b []int64, sel []int32) bool
	oneInteger  = func(a, b int64) (int64, bool)
	fastFloat   = func(dst, a, b []float64, sel []int32) bool
	oneFloat    = func(a, b float64) (float64, bool)
)

func integerOperator(name string) (fastInteger, oneInteger) {
	switch name {
	case "+":
		return kernel.Add, kernel.AddOne
	case "-":
		return kernel.Subtract, kernel.SubtractOne
	case "*":
		return kernel.Multiply, kernel.MultiplyOne
	case "/":
		return nil, kernel.DivideOne
	default: // "%"
		return nil, kernel.RemainderOne
	}
}

// narrow makes a 64-bit operator one of 32 bits.
func narrow(fast fastInteger, one oneInteger) (fastInteger, oneInteger) {
	checked := func(a, b int64) (int64, bool) {
		r, ok := one(a, b)
		return r, ok && kernel.FitsInt32(r)
	}
	if fast == nil {
		return nil, checked
	}
	return func(dst, a, b []int64, sel []int32) bool {
		wide := fast(dst, a, b, sel)
		return kernel.OutOfInt32(dst, sel) || wide
	}, checked
}

func floatOperator(name string) (fastFloat, oneFloat) {
	switch name {
	case "+":
		return kernel.AddFloat, kernel.AddOneFloat
	case "-":
		return kernel.SubtractFloat, kernel.SubtractOneFloat
	case "*":
		return kernel.MultiplyFloat, kernel.MultiplyOneFloat
	case "/":
		return kernel.DivideFloat, kernel.DivideOneFloat
	default: // "%"
		return nil, kernel.RemainderOneFloat
	}
}
