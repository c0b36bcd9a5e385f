package expr

import (
	"strings"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

func makeDateFormat(c *callContext) (evaluator, error) {
	p, err := timePattern(c, 1)
	if err != nil {
		return nil, err
	}
	return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		start := len(out.Data)
		out.Data = p.Append(out.Data, in[0].Int64[i])
		out.SetTail(i, start)
		return nil
	}, c.args[0]), nil
}

func makeToTimestamp(c *callContext) (evaluator, error) {
	if len(c.args) == 1 {
		return c.rows(textTo(types.Timestamp), c.args...), nil
	}
	p, err := timePattern(c, 1)
	if err != nil {
		return nil, err
	}
	return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		var ok bool
		if out.Int64[i], ok = p.Parse(in[0].Bytes(i)); !ok {
			return uncastable(in[0], i, types.Timestamp)
		}
		return nil
	}, c.args[0]), nil
}

func timePattern(c *callContext, i int) (*kernel.TimePattern, error) {
	text, err := c.text(i, "pattern")
	if err != nil {
		return nil, err
	}
	p, unknown := kernel.NewTimePattern(text)
	if unknown != "" {
		e := fault.New(fault.User, c.at, "the pattern %q of %s has %q, which is not known", text, c.name, unknown)
		return nil, e.Do("use yyyy MM dd HH mm ss SSS, and put text in single quotes")
	}
	return p, nil
}

func makeToTimestampLTZ(c *callContext) (evaluator, error) {
	l, ok := c.literal(1)
	if !ok || l.isNull() {
		return nil, c.refuse("the precision of %s must be a literal", c.name)
	}
	var unit int64
	switch l.value.Int64[0] {
	case 0:
		unit = kernel.MicrosPerSecond
	case 3:
		unit = kernel.MicrosPerMilli
	case 6:
		unit = 1
	default:
		return nil, c.refuse("the precision of %s must be 0, 3 or 6", c.name)
	}
	return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		if out.Int64[i], ok = kernel.MultiplyOne(in[0].Int64[i], unit); !ok {
			return fault.New(fault.Data, fault.Place{}, "TIMESTAMP out of range: %s(%s)", c.name, valueText(in[0], i))
		}
		return nil
	}, c.args[0]), nil
}

func makeDateTrunc(c *callContext) (evaluator, error) {
	name, err := c.text(0, "unit")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, u := range units() {
		if strings.EqualFold(u.name, name) {
			return roundTime(c, c.args[1], u.unit, false), nil
		}
		names = append(names, "'"+strings.ToLower(u.name)+"'")
	}
	return nil, fault.New(fault.User, c.at, "%s does not know the unit %q", c.name, name).Do("use one of %s", strings.Join(names, ", "))
}

// rounding is the maker of FLOOR(t TO unit), or, up, CEIL(t TO unit).
func rounding(unit kernel.Unit, up bool) maker {
	return func(c *callContext) (evaluator, error) { return roundTime(c, c.args[0], unit, up), nil }
}

func roundTime(c *callContext, arg evaluator, unit kernel.Unit, up bool) evaluator {
	if c.kind == types.Date {
		day := unit.TruncateDays
		if up {
			day = unit.CeilDays
		}
		return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
			out.Int64[i] = day(in[0].Int64[i])
			return nil
		}, arg)
	}
	round := unit.Truncate
	if up {
		round = unit.Ceil
	}
	return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		var ok bool
		if out.Int64[i], ok = round(in[0].Int64[i]); !ok {
			return fault.New(fault.Data, fault.Place{}, "TIMESTAMP out of range: rounding %s", valueText(in[0], i))
		}
		return nil
	}, arg)
}

// partOf is the maker of EXTRACT.
func partOf(f func(micros int64) int64) maker {
	return byRow(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		out.Int64[i] = f(in[0].Int64[i])
		return nil
	})
}
