package expr

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// maker builds the evaluator of a call whose types the function table has checked.
type maker func(c *callContext) (evaluator, error)

// callContext is a call with its arguments built.
type callContext struct {
	name string
	kind types.Kind
	// kinds are the arguments' types.
	kinds []types.Kind
	args  []evaluator
	at    fault.Place
}

// literal returns argument i when it is a constant.
func (c *callContext) literal(i int) (*literal, bool) {
	l, ok := c.args[i].(*literal)
	return l, ok
}

// text returns argument i, which must be a STRING constant and not NULL; what names it in the message.
func (c *callContext) text(i int, what string) (string, error) {
	l, ok := c.literal(i)
	if !ok || l.isNull() {
		return "", c.refuse("the %s of %s must be a literal", what, c.name)
	}
	return string(l.value.Bytes(0)), nil
}

func (c *callContext) refuse(format string, args ...any) error {
	return fault.New(fault.User, c.at, format, args...)
}

// byRow is the maker of a function that is computed a row at a time.
func byRow(f rowFunc) maker {
	return func(c *callContext) (evaluator, error) { return c.rows(f, c.args...), nil }
}

// withinFirst is byRow for results that are parts of the first argument.
func withinFirst(f rowFunc) maker {
	return func(c *callContext) (evaluator, error) {
		e := c.rows(f, c.args...)
		e.within = true
		return e, nil
	}
}

func (c *callContext) rows(f rowFunc, args ...evaluator) *rows {
	return &rows{at: c.at, kind: c.kind, args: args, f: f}
}
