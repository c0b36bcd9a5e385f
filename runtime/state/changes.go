package state

import "github.com/millrace/millrace/runtime/fault"

// maxChangesBytes bounds one list of changes: offsets are 32 bits, and a commit of this size is a commit too many.
const maxChangesBytes = 1 << 30

// Changes is an ordered list of writes, held as columns. A later write to a key wins over an earlier one. The zero
// value is empty and ready; Reset keeps the memory. It copies what it is given.
type Changes struct {
	ops  []op
	data []byte
	live int
}

type op struct {
	kind             OpKind
	keyStart, keyEnd uint32
	valueEnd         uint32 // value or upper bound: data[keyEnd:valueEnd]
}

// Put sets key to value. An empty value is a value.
func (c *Changes) Put(key, value []byte) error { return c.add(OpPut, key, value) }

// Delete removes key; that it exists is not required.
func (c *Changes) Delete(key []byte) error { return c.add(OpDelete, key, nil) }

// DeleteRange removes the keys in [lower, upper); an empty upper is the end of the key space.
func (c *Changes) DeleteRange(lower, upper []byte) error { return c.add(OpDeleteRange, lower, upper) }

// Len returns the number of writes.
func (c *Changes) Len() int { return c.live }

// Bytes returns the memory that keys and values take, overwritten ones included.
func (c *Changes) Bytes() int { return len(c.data) + len(c.ops)*opBytes }

// Reset empties the list and keeps its memory.
func (c *Changes) Reset() { c.ops, c.data, c.live = c.ops[:0], c.data[:0], 0 }

// Each visits the writes in order. The value of a Put, or the upper bound of a DeleteRange, is the third argument; all
// bytes are valid until the list changes. An error of visit ends the walk and is returned.
func (c *Changes) Each(visit func(kind OpKind, key, value []byte) error) error {
	for i := range c.ops {
		if c.ops[i].kind == opSuperseded {
			continue
		}
		if err := visit(c.ops[i].kind, c.key(i), c.value(i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Changes) add(kind OpKind, key, value []byte) error {
	if len(c.data)+len(key)+len(value) > maxChangesBytes {
		return fault.New(fault.Transient, fault.Place{}, "one commit would change more than %d bytes of state", maxChangesBytes).
			Do("commit more often")
	}
	start := uint32(len(c.data)) //nolint:gosec // bounded by maxChangesBytes
	c.data = append(c.data, key...)
	keyEnd := uint32(len(c.data)) //nolint:gosec // bounded by maxChangesBytes
	c.data = append(c.data, value...)
	c.ops = append(c.ops, op{kind, start, keyEnd, uint32(len(c.data))}) //nolint:gosec // bounded by maxChangesBytes
	c.live++
	return nil
}

// supersede takes write i out of the list: a later one has replaced it.
func (c *Changes) supersede(i int) {
	c.ops[i].kind = opSuperseded
	c.live--
}

func (c *Changes) key(i int) []byte {
	o := &c.ops[i]
	return c.data[o.keyStart:o.keyEnd:o.keyEnd]
}

func (c *Changes) value(i int) []byte {
	o := &c.ops[i]
	return c.data[o.keyEnd:o.valueEnd:o.valueEnd]
}
