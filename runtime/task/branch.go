package task

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Branch is a chain of operators and its output.
type Branch struct {
	Steps  []Step
	Output Output
}

// Step is an operator with the id that prefixes its state.
type Step struct {
	ID       string
	Operator operator.Operator
}

// chain is a branch that is wired: links[i] feeds step i, the last one's next is the output.
type chain struct {
	links  []link
	head   operator.Output
	output Output
	behind bool        // an operator has not emitted all that the watermark causes, and the next ones do not know of it yet
	view   batch.Batch // the batch at hand, so that a branch that shortens the selection does not shorten another's
}

type link struct {
	id   string
	op   operator.Operator
	next operator.Output
}

// Push implements operator.Output.
func (l *link) Push(b *batch.Batch) error {
	if b.Selected() == 0 {
		return nil
	}
	return l.op.Push(b, l.next)
}

// counted counts the rows that leave the branch.
type counted struct {
	output Output
	tally  *Tally
}

// Push implements operator.Output.
func (c counted) Push(b *batch.Batch) error {
	n := b.Selected()
	if n == 0 {
		return nil
	}
	c.tally.open.RowsOut += int64(n)
	return c.output.Push(b)
}

// refused is where a restored operator may emit nothing: what its watermark causes was committed with it.
type refused struct{}

// Push implements operator.Output.
func (refused) Push(b *batch.Batch) error {
	return fault.New(fault.Bug, fault.Place{}, "%d rows were emitted again after a restore", b.Selected())
}

func newChain(b Branch, tally *Tally) *chain {
	c := &chain{links: make([]link, len(b.Steps)), output: b.Output}
	var next operator.Output = counted{b.Output, tally}
	for i := len(b.Steps) - 1; i >= 0; i-- {
		c.links[i] = link{b.Steps[i].ID, b.Steps[i].Operator, next}
		next = &c.links[i]
	}
	c.head = next
	return c
}

func (c *chain) push(b *batch.Batch) error {
	c.view = *b
	return c.head.Push(&c.view)
}

// advance lets each operator emit what the watermark causes, and only then tells the next. One that does so in several goes leaves the
// chain behind.
func (c *chain) advance(w types.Watermark, idle bool) error {
	c.behind = false
	if w != types.NoWatermark {
		for i := range c.links {
			if err := c.links[i].op.Advance(w, c.links[i].next); err != nil {
				return err
			}
			if g, ok := c.links[i].op.(operator.Gradual); ok && g.Behind() {
				c.behind = true
				return nil
			}
		}
	}
	return c.output.Advance(w, idle)
}

// proceed lets the operator that the chain is behind with emit some more; after the last of it, the next ones are told the watermark.
func (c *chain) proceed(w types.Watermark, idle bool) error {
	for i := range c.links {
		g, ok := c.links[i].op.(operator.Gradual)
		if !ok || !g.Behind() {
			continue
		}
		if err := g.Continue(c.links[i].next); err != nil || g.Behind() {
			return err
		}
		rest := chain{links: c.links[i+1:], output: c.output}
		err := rest.advance(w, idle)
		c.behind = rest.behind
		return err
	}
	return fault.New(fault.Bug, fault.Place{}, "a branch is behind, and no operator of it")
}

func (c *chain) open(view *state.View) error {
	for i := range c.links {
		op, ok := c.links[i].op.(operator.Stateful)
		if !ok {
			continue
		}
		if view == nil {
			return fault.New(fault.Bug, fault.Place{}, "operator %s keeps state in a stage without", c.links[i].id)
		}
		if err := op.Open(view.Sub([]byte(c.links[i].id + "\x00"))); err != nil {
			return err
		}
	}
	return nil
}

// restore tells the operators and the output the committed watermark, up to one that has not emitted all that it causes. What the output
// was told before is not known then; it is told more soon.
func (c *chain) restore(w types.Watermark, idle bool) error {
	c.behind = false
	for i := range c.links {
		if w == types.NoWatermark {
			break
		}
		g, gradual := c.links[i].op.(operator.Gradual)
		if !gradual {
			if err := c.links[i].op.Advance(w, refused{}); err != nil {
				return err
			}
			continue
		}
		if err := g.Resume(w); err != nil {
			return err
		}
		if g.Behind() {
			c.behind, w = true, types.NoWatermark
		}
	}
	c.output.Restore(w, idle)
	return nil
}

// cut tells the output of a savepoint.
func (c *chain) cut(cut int64) {
	if o, ok := c.output.(cutter); ok {
		o.Cut(cut)
	}
}

// flush lets each operator emit what it holds and write what it owes, the next ones after it.
func (c *chain) flush() error {
	for i := range c.links {
		switch op := c.links[i].op.(type) {
		case operator.Holding:
			if err := op.Drain(c.links[i].next); err != nil {
				return err
			}
		case operator.Stateful:
			if err := op.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// reset lets each operator forget the open commit.
func (c *chain) reset() error {
	for i := range c.links {
		var err error
		switch op := c.links[i].op.(type) {
		case operator.Holding:
			err = op.Reset()
		case operator.Stateful:
			err = op.Reset()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
