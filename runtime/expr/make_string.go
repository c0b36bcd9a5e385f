package expr

import (
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
)

func concat(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	start := len(out.Data)
	for _, v := range in {
		out.Data = append(out.Data, v.Bytes(i)...)
	}
	out.SetTail(i, start)
	return nil
}

func makeMapped(c *callContext) (evaluator, error) {
	upper := c.name == "UPPER"
	return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		start := len(out.Data)
		out.Data = kernel.AppendMapped(out.Data, in[0].Bytes(i), upper)
		out.SetTail(i, start)
		return nil
	}, c.args...), nil
}

func charLength(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	out.Int64[i] = kernel.CharLength(in[0].Bytes(i))
	return nil
}

// part gives row i the bytes from, to of the first argument's string, whose Data out shares.
func part(out *batch.Vector, in []*batch.Vector, i, from, to int) {
	out.Views[i] = batch.View{
		Offset: in[0].Views[i].Offset + uint32(from), //nolint:gosec // a place within Data
		Length: uint32(to - from),                    //nolint:gosec // a length within Data
	}
}

func substring(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	length := int64(math.MaxInt64)
	if len(in) > 2 {
		if length = in[2].Int64[i]; length < 0 {
			return fault.New(fault.Data, fault.Place{}, "the length %d of SUBSTRING is negative", length)
		}
	}
	from, to := kernel.Substring(in[0].Bytes(i), in[1].Int64[i], length)
	part(out, in, i, from, to)
	return nil
}

func makeTrim(c *callContext) (evaluator, error) {
	start, end := c.name != "RTRIM", c.name != "LTRIM"
	blank := []byte(" ")
	e := c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		s, set := in[0].Bytes(i), blank
		if len(in) > 1 {
			set = in[1].Bytes(i)
		}
		from, to := 0, len(s)
		if start {
			from = kernel.TrimStart(s, set)
		}
		if end {
			to = from + kernel.TrimEnd(s[from:], set)
		}
		part(out, in, i, from, to)
		return nil
	}, c.args...)
	e.within = true
	return e, nil
}

func replace(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	start := len(out.Data)
	var ok bool
	if out.Data, ok = kernel.AppendReplaced(out.Data, in[0].Bytes(i), in[1].Bytes(i), in[2].Bytes(i), mostTextBytes); !ok {
		return tooLong()
	}
	out.SetTail(i, start)
	return nil
}

func position(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	out.Int64[i] = kernel.Position(in[0].Bytes(i), in[1].Bytes(i))
	return nil
}

func splitIndex(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	from, to, ok := kernel.SplitIndex(in[0].Bytes(i), in[1].Bytes(i), in[2].Int64[i])
	if !ok {
		out.SetNull(i)
		return nil
	}
	part(out, in, i, from, to)
	return nil
}

func makeRegexpExtract(c *callContext) (evaluator, error) {
	pattern, err := c.text(1, "pattern")
	if err != nil {
		return nil, err
	}
	group := int64(0)
	if len(c.args) > 2 {
		l, ok := c.literal(2)
		if !ok || l.isNull() {
			return nil, c.refuse("the group of %s must be a literal", c.name)
		}
		group = l.value.Int64[0]
	}
	p, err := kernel.CompilePattern(pattern, int(group))
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "the pattern of %s", c.name).At(c.at)
	}
	if group < 0 || group > int64(p.Groups()) {
		return nil, c.refuse("the pattern %q has no group %d", pattern, group)
	}
	e := c.rows(extract(p), c.args[0])
	e.within = true
	return e, nil
}

func extract(p *kernel.Pattern) rowFunc {
	return func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		from, to, found := p.Find(in[0].Bytes(i))
		if !found {
			out.SetNull(i)
			return nil
		}
		part(out, in, i, from, to)
		return nil
	}
}
