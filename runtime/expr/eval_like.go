package expr

import (
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
)

// like is the rowFunc of LIKE over (s, pattern [, escape]); a pattern that is the same as on the row before is not
// compiled again.
type like struct {
	matcher         kernel.Like
	pattern, escape []byte
	compiled        bool
}

func (l *like) row(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	var escape []byte
	if len(in) > 2 {
		escape = in[2].Bytes(i)
	}
	if err := l.compile(in[1].Bytes(i), escape, len(in) > 2); err != nil {
		return err
	}
	out.Bool[i] = l.matcher.Match(in[0].Bytes(i))
	return nil
}

// literal is row for a pattern that was compiled already.
func (l *like) literal(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	out.Bool[i] = l.matcher.Match(in[0].Bytes(i))
	return nil
}

func (l *like) compile(pattern, escape []byte, escaped bool) *fault.Error {
	if l.compiled && string(pattern) == string(l.pattern) && string(escape) == string(l.escape) {
		return nil
	}
	l.compiled = false
	char := kernel.NoEscape
	if escaped {
		var n int
		char, n = utf8.DecodeRune(escape)
		if n == 0 || n != len(escape) {
			return fault.New(fault.Data, fault.Place{}, "the escape %q is not one character", escape)
		}
	}
	if !l.matcher.Compile(pattern, char) {
		return fault.New(fault.Data, fault.Place{}, "in the pattern %q the escape character stands before another one than %%, _ and itself", pattern)
	}
	l.pattern, l.escape = append(l.pattern[:0], pattern...), append(l.escape[:0], escape...)
	l.compiled = true
	return nil
}
