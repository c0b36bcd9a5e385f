package kernel

import (
	"bytes"

	"github.com/millrace/millrace/runtime/batch"
)

// EqualBytes writes for each selected row whether a equals b, or, negated, differs. The rows must not be NULL.
func EqualBytes(dst []bool, a, b *batch.Vector, sel []int32, negate bool) {
	if sel == nil {
		for i := range a.Views {
			dst[i] = equalViews(a, b, i) != negate
		}
		return
	}
	for _, i := range sel {
		dst[i] = equalViews(a, b, int(i)) != negate
	}
}

// LessBytes writes for each selected row whether a is before b by bytes, or, negated, not. The rows must not be NULL.
func LessBytes(dst []bool, a, b *batch.Vector, sel []int32, negate bool) {
	if sel == nil {
		for i := range a.Views {
			dst[i] = bytes.Compare(a.Bytes(i), b.Bytes(i)) < 0 != negate
		}
		return
	}
	for _, i := range sel {
		dst[i] = bytes.Compare(a.Bytes(int(i)), b.Bytes(int(i))) < 0 != negate
	}
}

func equalViews(a, b *batch.Vector, i int) bool {
	return a.Views[i].Length == b.Views[i].Length && bytes.Equal(a.Bytes(i), b.Bytes(i))
}

// EqualBool writes for each selected row whether a equals b, or, negated, differs.
func EqualBool(dst, a, b []bool, sel []int32, negate bool) {
	if sel == nil {
		for i, x := range a {
			dst[i] = x == b[i] != negate
		}
		return
	}
	for _, i := range sel {
		dst[i] = a[i] == b[i] != negate
	}
}

// LessBool writes for each selected row whether a is FALSE and b TRUE, or, negated, not.
func LessBool(dst, a, b []bool, sel []int32, negate bool) {
	if sel == nil {
		for i, x := range a {
			dst[i] = (!x && b[i]) != negate
		}
		return
	}
	for _, i := range sel {
		dst[i] = (!a[i] && b[i]) != negate
	}
}
