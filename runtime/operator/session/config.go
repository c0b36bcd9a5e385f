package session

import (
	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Config says what is grouped and computed. The output's columns are the keys, the session's start and end, and the calls.
type Config struct {
	// Keys are the positions of the grouping columns; none is one sequence of sessions over all rows.
	Keys []int
	// Input are the types of the input's columns.
	Input []types.Kind
	// Time is the position of the TIMESTAMP column.
	Time int
	// NotBefore is the position of a TIMESTAMP column: the watermark of the row's own source partition just before it where
	// that was above its time, else the lowest number (the same for nearly all rows, so that an exchange packs it away).
	NotBefore int
	// GapMicros is the longest time between rows of a session, above 0.
	GapMicros int64
	// Calls are the aggregate functions.
	Calls []accumulator.Call
	// MemoryBytes bounds the tables, from 64 KiB on; 0 is 64 MiB.
	MemoryBytes int
	// MemoryBound, where it is not nil and does not return 0, says what the tables may take now, instead of MemoryBytes. Less than
	// 64 KiB counts as that.
	MemoryBound func() int
}

const (
	defaultMemoryBytes = 64 << 20
	minMemoryBytes     = 64 << 10
	maxMemoryBytes     = 8 << 30
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
	for _, k := range c.Keys {
		if kind(k) == types.Invalid {
			return bug("grouping column %d does not exist", k)
		}
	}
	if kind(c.Time) != types.Timestamp || kind(c.NotBefore) != types.Timestamp {
		return bug("the columns %d and %d are no TIMESTAMPs", c.Time, c.NotBefore)
	}
	for _, call := range c.Calls {
		if call.Filter >= 0 && kind(call.Filter) != types.Boolean {
			return bug("the filter of %s, column %d, is no BOOLEAN", call.Function, call.Filter)
		}
	}
	if c.GapMicros <= 0 {
		return bug("a gap of %d µs", c.GapMicros)
	}
	if m := c.MemoryBytes; m != 0 && m != min(max(m, minMemoryBytes), maxMemoryBytes) {
		return bug("a memory bound of %d bytes is not in %d to %d", c.MemoryBytes, minMemoryBytes, maxMemoryBytes)
	}
	return nil
}
