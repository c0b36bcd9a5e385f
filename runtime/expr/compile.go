package expr

import (
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// mostDepth bounds the nesting of a tree, which is compiled by recursion.
const mostDepth = 2000

// Compile makes a program of a tree over batches with columns of these kinds. It checks that every node is typed as the
// function table types it, with no conversion left out, and computes calls of literals once, unless they fail: then they
// fail on each row that needs them. An error is of kind User where the query's author can help it (a pattern that must be
// a literal), else Bug, of a tree that no planner made.
func Compile(n Node, input []types.Kind) (*Program, error) {
	c := &compiler{input: input, functions: map[string]*function{}}
	for _, f := range table() {
		c.functions[f.name] = &f
	}
	root, err := c.node(&n, 0)
	if err != nil {
		return nil, err
	}
	return &Program{root: root, kind: n.Kind}, nil
}

type compiler struct {
	input     []types.Kind
	functions map[string]*function
}

func (c *compiler) node(n *Node, depth int) (evaluator, error) {
	switch {
	case depth > mostDepth:
		return nil, fault.New(fault.User, fault.Place{}, "an expression is nested deeper than %d calls", mostDepth)
	case n.Kind == types.Invalid:
		return nil, bug("a node has no type")
	case n.Column != nil:
		i := n.Column.Index
		if i < 0 || i >= len(c.input) || c.input[i] != n.Kind {
			return nil, bug("there is no column %d (%s) of type %s in the input", i, n.Column.Name, n.Kind)
		}
		return &column{index: i}, nil
	case n.Literal != nil:
		return newLiteral(n.Kind, n.Literal), nil
	case n.Call != nil:
		return c.call(n, depth)
	default:
		return nil, bug("a node is neither column nor literal nor call")
	}
}

func (c *compiler) call(n *Node, depth int) (evaluator, error) {
	f, ok := c.functions[n.Call.Function]
	if !ok {
		return nil, bug("there is no function %s", n.Call.Function)
	}
	ctx := &callContext{name: f.name, kind: n.Kind, at: fault.InText("", n.Call.Line, n.Call.Column)}
	constant := len(n.Call.Args) > 0
	for i := range n.Call.Args {
		arg := &n.Call.Args[i]
		e, err := c.node(arg, depth+1)
		if err != nil {
			return nil, err
		}
		_, isLiteral := e.(*literal)
		constant = constant && isLiteral
		ctx.args, ctx.kinds = append(ctx.args, e), append(ctx.kinds, arg.Kind)
	}
	if err := checkTypes(f, ctx); err != nil {
		return nil, err
	}
	e, err := f.make(ctx)
	if err != nil || !constant {
		return e, err
	}
	return fold(e, n.Kind), nil
}

// checkTypes holds a call against the function table.
func checkTypes(f *function, c *callContext) error {
	if f.group == groupConversion {
		if len(c.kinds) != 1 {
			return bug("%s takes one argument", c.name)
		}
		return CheckCast(c.kinds[0], c.kind)
	}
	result, casts, ok := f.resolve(c.kinds)
	if !ok {
		return refusal(f, c.kinds)
	}
	if result != c.kind || !slices.Equal(casts, c.kinds) {
		return bug("%s(%s) is typed %s; it should be %s(%s) of type %s", c.name, kindList(c.kinds), c.kind, c.name, kindList(casts), result)
	}
	return nil
}

// fold computes a call of literals, and keeps the call when that fails.
func fold(e evaluator, kind types.Kind) evaluator {
	f := &frame{}
	f.reset(&batch.Batch{Length: 1})
	v := e.eval(f, nil)
	if len(f.errors) > 0 {
		return e
	}
	value := &batch.Vector{}
	value.Reset(kind)
	value.AppendFrom(v, 0)
	return &literal{kind: kind, value: value}
}

func bug(format string, args ...any) error {
	return fault.New(fault.Bug, fault.Place{}, "the expression tree is wrong: "+format, args...)
}
