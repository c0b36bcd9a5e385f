package snapshottest

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
)

// Op is an operation of a store.
type Op string

// The operations.
const (
	Put    Op = "put"
	Get    Op = "get"
	List   Op = "list"
	Delete Op = "delete"
)

// Blobs is a snapshot.Blobs in memory. Make it with New.
type Blobs struct {
	// Before is asked before each operation; an error is the operation's, which then does nothing. Nil means no errors.
	Before func(op Op, name string) error

	mu    sync.Mutex
	blobs map[string]blob
	ops   int
}

type blob struct {
	content  []byte
	modified time.Time
}

// New returns an empty store.
func New() *Blobs { return &Blobs{blobs: map[string]blob{}} }

func (b *Blobs) begin(op Op, name string) error {
	b.mu.Lock()
	b.ops++
	before := b.Before
	b.mu.Unlock()
	if before == nil {
		return nil
	}
	return before(op, name)
}

// Put writes a blob.
func (b *Blobs) Put(ctx context.Context, name string, content []byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := b.begin(Put, name); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[name] = blob{slices.Clone(content), time.Now()}
	return nil
}

// Get reads a blob.
func (b *Blobs) Get(ctx context.Context, name string, maxBytes int64) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := b.begin(Get, name); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	x, ok := b.blobs[name]
	switch {
	case !ok:
		return nil, fault.Wrap(fault.Transient, fs.ErrNotExist, "read %s", name)
	case int64(len(x.content)) > maxBytes:
		return nil, fault.New(fault.Corrupt, fault.InText(name, 0, 0), "it has %d bytes, at most %d were expected", len(x.content), maxBytes)
	}
	return slices.Clone(x.content), nil
}

// List visits blobs.
func (b *Blobs) List(ctx context.Context, prefix string, visit func(o snapshot.Object) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := b.begin(List, prefix); err != nil {
		return err
	}
	b.mu.Lock()
	all := maps.Clone(b.blobs)
	b.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if err := visit(snapshot.Object{Name: name, Size: int64(len(all[name].content)), Modified: all[name].modified}); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes a blob.
func (b *Blobs) Delete(ctx context.Context, name string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := b.begin(Delete, name); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.blobs, name)
	return nil
}

// Names lists the blobs.
func (b *Blobs) Names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.blobs))
}

// Ops is the number of operations so far.
func (b *Blobs) Ops() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ops
}

// Flip turns one bit of a blob; bits count from 0.
func (b *Blobs) Flip(name string, bit int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.blobs[name]
	x.content = slices.Clone(x.content)
	x.content[bit/8] ^= 1 << (bit % 8)
	b.blobs[name] = x
}

// Age makes every blob older.
func (b *Blobs) Age(by time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, x := range b.blobs {
		b.blobs[name] = blob{x.content, x.modified.Add(-by)}
	}
}

// Bytes returns the size of a blob, or -1.
func (b *Blobs) Bytes(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if x, ok := b.blobs[name]; ok {
		return len(x.content)
	}
	return -1
}

// Clone copies the store as it is, without Before.
func (b *Blobs) Clone() *Blobs {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &Blobs{blobs: maps.Clone(b.blobs)}
}
