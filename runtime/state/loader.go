package state

// Loader is a Store that can be filled from what another one held, faster than by Apply.
type Loader interface {
	// Load replaces the whole content by what fill puts, keys in strictly ascending order, and the store then stands at
	// the position. Content and position change together, or not at all: so it is after an error of fill, which is
	// returned. What is put is copied.
	Load(at Position, fill func(put func(key, value []byte) error) error) error
}
