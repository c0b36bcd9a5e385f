package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

func makeCompare(c *callContext) (evaluator, error) {
	return &compare{a: c.args[0], b: c.args[1], comparing: comparingOf(c.name)}, nil
}

func makeDistinct(c *callContext) (evaluator, error) {
	return &distinct{a: c.args[0], b: c.args[1]}, nil
}

func makeLogic(c *callContext) (evaluator, error) {
	return &logic{args: c.args, decide: c.name == "OR"}, nil
}

func makeNot(c *callContext) (evaluator, error) { return &not{arg: c.args[0]}, nil }

func makeIsNull(c *callContext) (evaluator, error) {
	return &isNull{arg: c.args[0], negate: c.name == "IS NOT NULL"}, nil
}

func makeIsTruth(c *callContext) (evaluator, error) {
	return &isTruth{arg: c.args[0], want: c.name == "IS TRUE"}, nil
}

// makeArithmetic serves the operators and MOD.
func makeArithmetic(c *callContext) (evaluator, error) {
	name := c.name
	if name == "MOD" {
		name = "%"
	}
	if c.kind == types.Double {
		fast, one := floatOperator(name)
		return &arithmetic[float64]{at: c.at, name: name, kind: c.kind, a: c.args[0], b: c.args[1], values: float64s, fast: fast, one: one}, nil
	}
	fast, one := integerOperator(name)
	if c.kind == types.Int {
		fast, one = narrow(fast, one)
	}
	return &arithmetic[int64]{at: c.at, name: name, kind: c.kind, a: c.args[0], b: c.args[1], values: int64s, fast: fast, one: one}, nil
}

// makeIn makes a set of a list of literals, and a chain of comparisons of any other list.
func makeIn(c *callContext) (evaluator, error) {
	list := make([]*literal, 0, len(c.args)-1)
	for i := 1; i < len(c.args); i++ {
		l, ok := c.literal(i)
		if !ok {
			return inChain(c), nil
		}
		list = append(list, l)
	}
	return c.rows(newMembers(list).in, c.args[0]), nil
}

func inChain(c *callContext) evaluator {
	alternatives := make([]evaluator, len(c.args)-1)
	for i := range alternatives {
		alternatives[i] = &compare{a: c.args[0], b: c.args[i+1]}
	}
	if len(alternatives) == 1 {
		return alternatives[0]
	}
	return &logic{args: alternatives, decide: true}
}

func makeLike(c *callContext) (evaluator, error) {
	l := &like{}
	for i := 1; i < len(c.args); i++ {
		arg, ok := c.literal(i)
		if !ok || arg.isNull() {
			return c.rows(l.row, c.args...), nil
		}
	}
	pattern, _ := c.literal(1)
	var escape []byte
	if len(c.args) > 2 {
		e, _ := c.literal(2)
		escape = e.value.Bytes(0)
	}
	if err := l.compile(pattern.value.Bytes(0), escape, len(c.args) > 2); err != nil {
		return nil, c.refuse("%s", err.Message)
	}
	return c.rows(l.literal, c.args[0]), nil
}

func makeCase(c *callContext) (evaluator, error) {
	e := &caseWhen{kind: c.kind}
	for i, a := range c.args {
		if isCondition(i, len(c.args)) {
			e.conditions = append(e.conditions, a)
		} else {
			e.values = append(e.values, a)
		}
	}
	return e, nil
}

func makeCoalesce(c *callContext) (evaluator, error) {
	return &coalesce{kind: c.kind, args: c.args}, nil
}

func makeNullIf(c *callContext) (evaluator, error) {
	return &nullIf{kind: c.kind, a: c.args[0], b: c.args[1]}, nil
}

func makeExtreme(c *callContext) (evaluator, error) {
	return &extreme{kind: c.kind, args: c.args, least: c.name == "LEAST"}, nil
}

// makeCast serves CAST and TRY_CAST.
func makeCast(c *callContext) (evaluator, error) {
	from, arg := c.kinds[0], c.args[0]
	switch {
	case from == types.Null:
		return newLiteral(c.kind, &Literal{}), nil
	case relabels(from, c.kind):
		return &relabel{kind: c.kind, arg: arg}, nil
	case c.kind == types.Double && from != types.String:
		return &toDouble{arg: arg}, nil
	}
	e := c.rows(conversion(from, c.kind), arg)
	e.try = c.name == "TRY_CAST"
	return e, nil
}

// outOfRange is the error of a function of one number.
func outOfRange(name string, in []*batch.Vector, i int) *fault.Error {
	return fault.New(fault.Data, fault.Place{}, "%s out of range: %s(%s)", in[0].Kind, name, valueText(in[0], i))
}
