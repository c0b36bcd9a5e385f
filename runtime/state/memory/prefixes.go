package memory

import (
	"bytes"

	"github.com/millrace/millrace/runtime/state"
)

// Prefixes implements state.Prefixer: what was declared as buckets has them at hand, and the rest is looked for.
func (s *store) Prefixes(prefix []byte, length int, visit func(found []byte) error) error {
	if s.closed {
		return errClosed()
	}
	for _, p := range s.kept.data.spaces {
		if p.width != length || !bytes.Equal(p.prefix, prefix) {
			continue
		}
		for _, b := range p.buckets {
			if err := visit(b.name); err != nil {
				return err
			}
		}
		return nil
	}
	return state.Prefixes(plain{s}, prefix, length, visit)
}

// plain is a store without more than a store has to have.
type plain struct{ state.Store }
