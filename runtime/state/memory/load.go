package memory

import (
	"bytes"

	"github.com/millrace/millrace/runtime/state"
)

// Load fills a new map, with the buckets of the old one, and takes it in its place.
func (s *store) Load(at state.Position, fill func(put func(key, value []byte) error) error) error {
	if s.closed {
		return errClosed()
	}
	var made data
	for _, p := range s.kept.data.spaces {
		if err := made.declare(p.prefix, p.width); err != nil {
			return err
		}
	}
	err := fill(func(key, value []byte) error {
		p := made.space(key)
		if p == nil {
			made.table.put(key, value)
			return nil
		}
		b, rest := p.bucket(key), p.rest(key)
		return b.put(b.hash(rest), rest, value)
	})
	if err != nil {
		return err
	}
	at.Meta = bytes.Clone(at.Meta)
	s.kept.data, s.kept.position = made, at
	return nil
}
