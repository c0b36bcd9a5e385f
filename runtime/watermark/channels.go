package watermark

import (
	"encoding/binary"
	"slices"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// MaxChannels bounds the channels of one exchange, so that a damaged record can't ask for unbounded memory.
const MaxChannels = 1 << 16

// Channels is what a task behind an exchange has heard from its upstream tasks. The zero value has heard of none and
// stands at NoWatermark. Not safe for concurrent use.
type Channels struct {
	states  []state
	current types.Watermark
	known   bool // current is meaningful; false in the zero value, whose current is not NoWatermark
}

type state struct {
	watermark types.Watermark
	idle      bool
	owner     int64 // the highest that was heard of
	cut       int64
}

// Len returns the number of channels of the highest source epoch heard of.
func (c *Channels) Len() int { return len(c.states) }

// Grow takes in the number of channels that a record names. The number of source partitions only grows, so it is the
// source epoch too: the highest counts, a lower one is an older statement and changes nothing. The first number makes
// that many channels at NoWatermark, so the task stays there until it has heard from each; channels that appear later
// start idle at the current watermark.
func (c *Channels) Grow(n int) {
	fresh := state{watermark: types.NoWatermark}
	if len(c.states) > 0 {
		fresh = state{watermark: c.Watermark(), idle: true}
	}
	for len(c.states) < min(n, MaxChannels) {
		c.states = append(c.states, fresh)
	}
}

// Update takes in what a record says about a channel; the log's order is the order of the statements. A watermark never
// moves back, the last word on idle and on the cut counts, unless a former owner says it. Marks of channels beyond Len are
// left out: call Grow first.
func (c *Channels) Update(m Mark) {
	if m.Channel < 0 || int(m.Channel) >= len(c.states) {
		return
	}
	s := &c.states[m.Channel]
	s.watermark = max(s.watermark, m.Watermark)
	if m.Owner > 0 && m.Owner < s.owner {
		return // what it has seen, others have; whether rows come now, it doesn't know
	}
	s.idle, s.owner, s.cut = m.Idle, max(s.owner, m.Owner), m.Cut
}

// Passed says whether every channel has been cut for a savepoint: what was received is all that belongs before it.
func (c *Channels) Passed(cut int64) bool {
	return len(c.states) > 0 && !slices.ContainsFunc(c.states, func(s state) bool { return s.cut != cut })
}

// PassedAny says whether a channel has been cut for a savepoint.
func (c *Channels) PassedAny(cut int64) bool {
	return slices.ContainsFunc(c.states, func(s state) bool { return s.cut == cut })
}

// Begin makes an empty vector stand at a watermark: that of a task which is restored in a job of other channels.
func (c *Channels) Begin(at types.Watermark) { c.states, c.current, c.known = c.states[:0], at, true }

// Watermark returns the minimum over the channels that are not idle, and where all are idle the maximum over all, as
// none holds anything back. It never moves back.
func (c *Channels) Watermark() types.Watermark {
	if !c.known {
		c.known, c.current = true, types.NoWatermark
	}
	if len(c.states) == 0 {
		return c.current
	}
	low, high, active := types.EndOfInput, types.NoWatermark, false
	for _, s := range c.states {
		high = max(high, s.watermark)
		if !s.idle {
			low, active = min(low, s.watermark), true
		}
	}
	if !active {
		low = high
	}
	c.current = max(c.current, low)
	return c.current
}

// Idle says whether every channel is idle; then the task is an idle channel itself to those behind it.
func (c *Channels) Idle() bool {
	return len(c.states) > 0 && !slices.ContainsFunc(c.states, func(s state) bool { return !s.idle })
}

// CopyFrom makes c equal to from, keeping c's memory.
func (c *Channels) CopyFrom(from *Channels) {
	c.states = append(c.states[:0], from.states...)
	c.current, c.known = from.current, from.known
}

// Append appends the vector's encoding to dst: uvarint count, varint current, then for each channel a varint of its
// distance to current, wrapping, and what its mark says besides.
func (c *Channels) Append(dst []byte) []byte {
	current := c.Watermark()
	dst = binary.AppendUvarint(dst, uint64(len(c.states)))
	dst = binary.AppendVarint(dst, int64(current))
	for _, s := range c.states {
		dst = binary.AppendVarint(dst, int64(s.watermark-current))
		dst = Mark{Idle: s.idle, Owner: s.owner, Cut: s.cut}.AppendSaid(dst)
	}
	return dst
}

// Decode reads what Append wrote and replaces the vector; on an error, of kind Corrupt, the vector is empty.
func (c *Channels) Decode(b []byte) error {
	c.states, c.known, c.current = c.states[:0], true, types.NoWatermark
	damaged := fault.New(fault.Corrupt, fault.Place{}, "the vector of channel watermarks is damaged")
	n, k := binary.Uvarint(b)
	if k <= 0 || n > MaxChannels || n > uint64(len(b)) {
		return damaged
	}
	b = b[k:]
	current, k := binary.Varint(b)
	if k <= 0 {
		return damaged
	}
	b = b[k:]
	for range n {
		d, k := binary.Varint(b)
		m := Mark{Watermark: types.Watermark(current) + types.Watermark(d)}
		rest, ok := m.TakeSaid(b[max(k, 0):])
		if k <= 0 || !ok {
			c.states = c.states[:0]
			return damaged
		}
		c.states = append(c.states, state{watermark: m.Watermark, idle: m.Idle, owner: m.Owner, cut: m.Cut})
		b = rest
	}
	if len(b) != 0 {
		c.states = c.states[:0]
		return damaged
	}
	c.current = types.Watermark(current)
	return nil
}
