package aggregate

import (
	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// Config says what is grouped and computed.
type Config struct {
	// Keys are the positions of the grouping columns, WindowEnd among them. The output's first columns are these.
	Keys []int
	// Input are the types of the input's columns.
	Input []types.Kind
	// WindowEnd is the position of the TIMESTAMP column by which a window fires.
	WindowEnd int
	// WindowStart is the position of the window's start when it is among the keys, else -1.
	WindowStart int
	// Slices, when not nil, is the shape of windows whose rows are in slices: then WindowEnd is the end of the first
	// window of a row and WindowStart that of the last. As keys they stand for a window's end and start.
	Slices *window.Shape
	// Partials says that the input is what a Local has made of the rows: each call's argument is the first column of its
	// partial results.
	Partials bool
	// Calls are the aggregate functions; the output's further columns.
	Calls []accumulator.Call
	// MemoryBytes bounds the tables, from 64 KiB on; 0 is 64 MiB.
	MemoryBytes int
	// MemoryBound, where it is not nil and does not return 0, says what the tables may take now, instead of MemoryBytes. Less than
	// 64 KiB counts as that.
	MemoryBound func() int
	// EmitRows is about how many groups Advance emits before it leaves the rest for the next time; 0 is 262 144.
	EmitRows int
}

const (
	defaultMemoryBytes = 64 << 20
	minMemoryBytes     = 64 << 10
	maxMemoryBytes     = 8 << 30
	// defaultEmitRows takes a third of a second, and makes some ten megabytes.
	defaultEmitRows = 256 << 10
)

// check returns what is wrong with a config; it comes from a plan, so that whatever is wrong is a bug.
func (c *Config) check() error {
	bug := func(format string, args ...any) error { return fault.New(fault.Bug, fault.Place{}, format, args...) }
	kind := func(column int) types.Kind {
		if column < 0 || column >= len(c.Input) {
			return types.Invalid
		}
		return c.Input[column]
	}
	hasEnd, hasStart := false, c.WindowStart < 0
	for _, k := range c.Keys {
		if kind(k) == types.Invalid {
			return bug("grouping column %d does not exist", k)
		}
		hasEnd = hasEnd || k == c.WindowEnd
		hasStart = hasStart || k == c.WindowStart
	}
	if !hasEnd || !hasStart || kind(c.WindowEnd) != types.Timestamp {
		return bug("the window's columns %d and %d are not among the keys %v", c.WindowStart, c.WindowEnd, c.Keys)
	}
	if s := c.Slices; s != nil && (!s.Valid() || kind(c.WindowStart) != types.Timestamp) {
		return bug("slices of %+v without a last window", *s)
	}
	return c.checkRest()
}

func (c *Config) checkRest() error {
	bug := func(format string, args ...any) error { return fault.New(fault.Bug, fault.Place{}, format, args...) }
	for _, call := range c.Calls {
		if call.Filter >= 0 && (call.Filter >= len(c.Input) || c.Input[call.Filter] != types.Boolean) {
			return bug("the filter of %s, column %d, is no BOOLEAN", call.Function, call.Filter)
		}
	}
	if m := c.MemoryBytes; m != 0 && m != min(max(m, minMemoryBytes), maxMemoryBytes) {
		return bug("a memory bound of %d bytes is not in %d to %d", c.MemoryBytes, minMemoryBytes, maxMemoryBytes)
	}
	return nil
}
