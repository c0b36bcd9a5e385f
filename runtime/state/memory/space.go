package memory

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sort"
)

// space is the keys that begin with a prefix and have at least width bytes behind it: a bucket for each of those.
type space struct {
	prefix []byte
	width  int
	seed   maphash.Seed
	// buckets are sorted by name, and none is empty; last is where the last key was.
	buckets []*bucket
	last    int
}

// has says whether a key belongs to the space.
func (s *space) has(key []byte) bool {
	return len(key) >= len(s.prefix)+s.width && bytes.HasPrefix(key, s.prefix)
}

// find returns where a key's bucket is or would be.
func (s *space) find(key []byte) (at int, found bool) {
	name := key[:len(s.prefix)+s.width]
	if s.last < len(s.buckets) && string(s.buckets[s.last].name) == string(name) {
		return s.last, true
	}
	at = sort.Search(len(s.buckets), func(i int) bool { return bytes.Compare(s.buckets[i].name, name) >= 0 })
	s.last = at
	return at, at < len(s.buckets) && string(s.buckets[at].name) == string(name)
}

// bucket returns the bucket of a key, made if there was none, which is to get the key.
func (s *space) bucket(key []byte) *bucket {
	at, found := s.find(key)
	if !found {
		s.buckets = slices.Insert(s.buckets, at, newBucket(key[:len(s.prefix)+s.width], s.seed))
	}
	return s.buckets[at]
}

// rest returns what of a key lies in its bucket.
func (s *space) rest(key []byte) []byte { return key[len(s.prefix)+s.width:] }

func (s *space) get(key []byte) (value []byte, found bool) {
	at, found := s.find(key)
	if !found {
		return nil, false
	}
	return s.buckets[at].get(s.rest(key))
}

func (s *space) delete(key []byte) error {
	at, found := s.find(key)
	if !found {
		return nil
	}
	b := s.buckets[at]
	err := b.delete(s.rest(key))
	if b.used == 0 {
		s.buckets = slices.Delete(s.buckets, at, at+1)
	}
	return err
}

// deleteRange removes [lower, upper); a nil upper is the end.
func (s *space) deleteRange(lower, upper []byte) error {
	kept := s.buckets[:0]
	for _, b := range s.buckets {
		if b.within(lower, upper) {
			continue
		}
		if b.meets(lower, upper) {
			var rests [][]byte
			for _, place := range b.between(lower, upper) {
				rests = append(rests, bytes.Clone(b.at(place).rest))
			}
			for _, rest := range rests {
				if err := b.delete(rest); err != nil {
					return err
				}
			}
		}
		if b.used > 0 {
			kept = append(kept, b)
		}
	}
	clear(s.buckets[len(kept):])
	s.buckets = kept
	return nil
}
