package logical

import (
	"bytes"

	"github.com/millrace/millrace/runtime/expr"
)

// equal says whether two expressions compute the same by the same calls; where they stand in the text and what columns
// are called does not count.
func equal(a, b expr.Node) bool {
	switch {
	case a.Kind != b.Kind:
		return false
	case a.Column != nil:
		return b.Column != nil && a.Column.Index == b.Column.Index
	case a.Literal != nil:
		return b.Literal != nil && equalLiteral(a.Literal, b.Literal)
	case a.Call == nil || b.Call == nil:
		return false
	}
	if a.Call.Function != b.Call.Function || len(a.Call.Args) != len(b.Call.Args) {
		return false
	}
	for i := range a.Call.Args {
		if !equal(a.Call.Args[i], b.Call.Args[i]) {
			return false
		}
	}
	return true
}

func equalOptional(a, b *expr.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return equal(*a, *b)
}

func equalLiteral(a, b *expr.Literal) bool {
	return same(a.Bool, b.Bool) && same(a.Int64, b.Int64) && same(a.Float64, b.Float64) && same(a.Text, b.Text) &&
		(a.Bytes == nil) == (b.Bytes == nil) && bytes.Equal(a.Bytes, b.Bytes)
}

func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
