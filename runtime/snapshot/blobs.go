package snapshot

import (
	"context"
	"time"
)

// Blobs is a store of named byte strings: a bucket, or a folder. It is safe for concurrent use. A blob that is not there
// is an error that is fs.ErrNotExist.
type Blobs interface {
	// Put writes a blob, whole or not at all.
	Put(ctx context.Context, name string, content []byte) error
	// Get reads a blob. One of more than maxBytes is a Corrupt error that names it.
	Get(ctx context.Context, name string, maxBytes int64) ([]byte, error)
	// List visits the blobs whose names begin with prefix, in the order of the names.
	List(ctx context.Context, prefix string, visit func(o Object) error) error
	// Delete removes a blob; one that is not there is fine.
	Delete(ctx context.Context, name string) error
}

// Object is a blob as List shows it.
type Object struct {
	// Name is the whole name.
	Name string
	// Size is in bytes.
	Size int64
	// Modified is when it was written, by the store's clock.
	Modified time.Time
}
