package state

import "bytes"

// Prefixer is a Store that finds the beginnings of its keys without looking at all of them. Where it is a Bucketed, too,
// those are its buckets' names, and no bucket is put in order for it.
type Prefixer interface {
	// Prefixes is the function of that name.
	Prefixes(prefix []byte, length int, visit func(found []byte) error) error
}

// Prefixes visits the first len(prefix)+length bytes of the keys of a store that begin with prefix and are so long, each
// once, in ascending order. They are valid inside visit only, which may Get, and must not write; an error of visit ends the
// walk and is returned.
func Prefixes(s Store, prefix []byte, length int, visit func(found []byte) error) error {
	if p, ok := s.(Prefixer); ok {
		return p.Prefixes(prefix, length, visit)
	}
	upper := Successor(bytes.Clone(prefix))
	for lower := prefix; lower != nil; {
		var found []byte
		err := s.Scan(lower, upper, func(key, _ []byte) error {
			if len(key) < len(prefix)+length {
				return nil
			}
			found = bytes.Clone(key[:len(prefix)+length])
			return errFound
		})
		if found == nil {
			return err
		}
		if err := visit(found); err != nil {
			return err
		}
		lower = Successor(found)
	}
	return nil
}

// stopError ends a scan that has found what it looked for.
type stopError string

func (e stopError) Error() string { return string(e) }

const errFound = stopError("found")
