package state

// Frozen is a store's content at one commit. It does not change while the store goes on, and a goroutine other than the
// store's may use it, one at a time.
type Frozen interface {
	// Position says which commit it is.
	Position() Position
	// Each visits all keys in ascending order. Key and value are valid inside visit only; an error of visit ends the walk
	// and is returned.
	Each(visit func(key, value []byte) error) error
	// Close releases it; the backend must still be open.
	Close() error
}

// Freezer is a Store whose content can be kept as it is for a while.
type Freezer interface {
	// Freeze keeps the present content. Where that takes a copy, more than maxCopyBytes of keys and values are a User error.
	Freeze(maxCopyBytes int) (Frozen, error)
}
