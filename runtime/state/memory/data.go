package memory

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/millrace/millrace/runtime/fault"
)

// data is an ordered map of byte strings: the keys of declared spaces in their buckets, all others in a sorted table. A key
// of the table that begins with a bucket's name would be in the bucket; so a bucket's keys come one after the other.
type data struct {
	table  table
	spaces []*space // by prefix, none of which is the beginning of another
	key    []byte   // scratch
}

// declare makes a space, and moves there what belongs to it. To declare one again changes nothing.
func (d *data) declare(prefix []byte, width int) error {
	for _, s := range d.spaces {
		if bytes.Equal(s.prefix, prefix) && s.width == width {
			return nil
		}
		if bytes.HasPrefix(s.prefix, prefix) || bytes.HasPrefix(prefix, s.prefix) {
			return fault.New(fault.Bug, fault.Place{}, "buckets of state are declared twice, as %q by %d bytes and %q by %d", s.prefix, s.width, prefix, width)
		}
	}
	made := &space{prefix: bytes.Clone(prefix), width: width, seed: maphash.MakeSeed()}
	var moved [][]byte
	err := d.table.scan(prefix, nil, func(key, value []byte) error {
		if !bytes.HasPrefix(key, prefix) {
			return errPast
		}
		if !made.has(key) {
			return nil
		}
		moved = append(moved, key)
		b := made.bucket(key)
		return b.put(b.hash(made.rest(key)), made.rest(key), value)
	})
	if err != nil && err != errPast { //nolint:errorlint // the very value
		return err
	}
	for _, key := range moved {
		d.table.delete(key)
	}
	at, _ := slices.BinarySearchFunc(d.spaces, prefix, func(s *space, prefix []byte) int { return bytes.Compare(s.prefix, prefix) })
	d.spaces = slices.Insert(d.spaces, at, made)
	return nil
}

// stopError ends a scan that has seen enough.
type stopError string

func (e stopError) Error() string { return string(e) }

const errPast = stopError("past the prefix")

// space returns the space of a key, or nil.
func (d *data) space(key []byte) *space {
	for _, s := range d.spaces {
		if s.has(key) {
			return s
		}
	}
	return nil
}

func (d *data) get(key []byte) (value []byte, found bool) {
	if s := d.space(key); s != nil {
		return s.get(key)
	}
	return d.table.get(key)
}

func (d *data) delete(key []byte) error {
	if s := d.space(key); s != nil {
		return s.delete(key)
	}
	d.table.delete(key)
	return nil
}

// deleteRange removes [lower, upper); a nil upper is the end.
func (d *data) deleteRange(lower, upper []byte) error {
	d.table.deleteRange(lower, upper)
	for _, s := range d.spaces {
		if err := s.deleteRange(lower, upper); err != nil {
			return err
		}
	}
	return nil
}

// scan visits [lower, upper) in order; a nil upper is the end.
func (d *data) scan(lower, upper []byte, visit func(key, value []byte) error) error {
	from := lower
	for _, s := range d.spaces {
		for _, b := range s.buckets {
			if !b.meets(lower, upper) {
				continue
			}
			if bytes.Compare(from, b.name) < 0 {
				if err := d.table.scan(from, b.name, visit); err != nil {
					return err
				}
				from = b.name
			}
			for _, place := range b.between(lower, upper) {
				e := b.at(place)
				d.key = append(append(d.key[:0], b.name...), e.rest...)
				if err := visit(d.key, e.value); err != nil {
					return err
				}
			}
		}
	}
	return d.table.scan(from, upper, visit)
}
