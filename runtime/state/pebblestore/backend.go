package pebblestore

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// The first bytes of keys.
const (
	stampKey     = 's'
	positionKey  = 'p'
	dataKey      = 'd'
	minBudget    = 4 << 20
	minMemtable  = 1 << 20
	maxMemtable  = 64 << 20
	maxMemtables = 4 // writes wait beyond
)

// Backend is the state of a worker's tasks in one Pebble. It is safe for concurrent use.
type Backend struct {
	db *pebble.DB

	dir     string
	files   vfs.FS
	options *pebble.Options // as it was opened with, for tables that it takes in

	mu   sync.Mutex
	open map[string]bool
}

// Open opens the state in dir, which is made if need be, on a file system (nil is the machine's). budgetBytes bounds
// memory, half for memtables and half for the block cache; the least is 4 MiB. What dir holds is kept if it has this
// stamp, else thrown away.
func Open(dir string, files vfs.FS, budgetBytes int64, stamp Stamp, log *slog.Logger) (*Backend, error) {
	if files == nil {
		files = vfs.Default
	}
	if budgetBytes < minBudget {
		return nil, fault.New(fault.User, fault.Place{}, "%d bytes of memory for the state, the least is %d", budgetBytes, minBudget)
	}
	want, err := json.Marshal(stamp)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode the stamp")
	}
	if err := files.RemoveAll(files.PathJoin(dir, loadFolder)); err != nil {
		return nil, fault.Wrap(fault.Transient, err, "remove what a restore left in %s", dir)
	}
	db, reason, err := openStamped(dir, files, budgetBytes, want, log)
	if err != nil {
		return nil, err
	}
	if db == nil {
		log.Warn("the local state is thrown away and restored from the changelog", "directory", dir, "reason", reason)
		if db, err = makeStamped(dir, files, budgetBytes, want, log); err != nil {
			return nil, err
		}
	}
	opts := options(files, budgetBytes, log)
	opts.EnsureDefaults()
	return &Backend{db: db, dir: dir, files: files, options: opts, open: map[string]bool{}}, nil
}

// openStamped opens what is there. No database and no error means that it must go, for the reason.
func openStamped(dir string, files vfs.FS, budgetBytes int64, want []byte, log *slog.Logger) (db *pebble.DB, reason string, err error) {
	names, err := files.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", fault.Wrap(fault.Transient, err, "list %s", dir)
	}
	if len(names) == 0 {
		db, err = makeStamped(dir, files, budgetBytes, want, log)
		return db, "", err
	}
	db, err = pebble.Open(dir, options(files, budgetBytes, log))
	switch {
	case pebble.IsCorruptionError(err) || errors.Is(err, fs.ErrNotExist):
		return nil, err.Error(), nil
	case err != nil:
		return nil, "", fault.Wrap(fault.Transient, err, "open the local state in %s", dir)
	}
	got, closer, err := db.Get([]byte{stampKey})
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		reason = "it was never finished"
	case err != nil:
		reason = err.Error()
	case string(got) != string(want):
		reason = "it is of " + string(got) + ", not of " + string(want)
	}
	if closer != nil {
		if err := closer.Close(); err != nil {
			return nil, "", fault.Wrap(fault.Transient, err, "read the stamp in %s", dir)
		}
	}
	if reason == "" {
		return db, "", nil
	}
	if err := db.Close(); err != nil {
		return nil, "", fault.Wrap(fault.Transient, err, "close the local state in %s", dir)
	}
	return nil, reason, nil
}

// makeStamped makes a directory anew.
func makeStamped(dir string, files vfs.FS, budgetBytes int64, stamp []byte, log *slog.Logger) (*pebble.DB, error) {
	if err := files.RemoveAll(dir); err != nil {
		return nil, fault.Wrap(fault.Transient, err, "remove %s", dir)
	}
	db, err := pebble.Open(dir, options(files, budgetBytes, log))
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "make the local state in %s", dir)
	}
	// Flushed at once, so that a directory without a stamp is known to hold nothing of anybody.
	err = db.Set([]byte{stampKey}, stamp, pebble.NoSync)
	if err == nil {
		err = db.Flush()
	}
	if err != nil {
		return nil, errors.Join(fault.Wrap(fault.Transient, err, "stamp the local state in %s", dir), db.Close())
	}
	return db, nil
}

func options(files vfs.FS, budgetBytes int64, log *slog.Logger) *pebble.Options {
	return &pebble.Options{
		FS:                          files,
		DisableWAL:                  true,
		FormatMajorVersion:          pebble.FormatColumnarBlocks,
		CacheSize:                   budgetBytes / 2,
		MemTableSize:                uint64(min(max(budgetBytes/2/maxMemtables, minMemtable), maxMemtable)),
		MemTableStopWritesThreshold: maxMemtables,
		Logger:                      logger{log},
	}
}

// Open returns the store of a task, empty or as it was left.
func (b *Backend) Open(task string) (state.Store, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open[task] {
		return nil, fault.New(fault.Bug, fault.Place{}, "the state of task %s is open already", task)
	}
	s := &store{backend: b, task: task, prefix: dataPrefix(task), positionKey: append([]byte{positionKey}, task...)}
	s.upper = state.Successor(dataPrefix(task))
	if err := s.readPosition(); err != nil {
		return nil, err
	}
	b.open[task] = true
	return s, nil
}

// Drop deletes what is kept of a task.
func (b *Backend) Drop(task string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open[task] {
		return fault.New(fault.Bug, fault.Place{}, "the state of task %s is dropped while it is open", task)
	}
	changes := b.db.NewBatch()
	prefix := dataPrefix(task)
	err := errors.Join(
		changes.DeleteRange(prefix, state.Successor(dataPrefix(task)), nil),
		changes.Delete(append([]byte{positionKey}, task...), nil),
	)
	if err == nil {
		err = b.db.Apply(changes, pebble.NoSync)
	}
	if err = errors.Join(err, changes.Close()); err != nil {
		return fault.Wrap(fault.Transient, err, "drop the state of task %s", task)
	}
	return nil
}

// Flush writes out all that was applied before.
func (b *Backend) Flush() error {
	if err := b.db.Flush(); err != nil {
		return fault.Wrap(fault.Transient, err, "flush the local state")
	}
	return nil
}

// Close flushes and closes the database.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.open) > 0 {
		return fault.New(fault.Bug, fault.Place{}, "the state of %d tasks is open while its backend closes", len(b.open))
	}
	if err := errors.Join(b.db.Flush(), b.db.Close()); err != nil {
		return fault.Wrap(fault.Transient, err, "close the local state")
	}
	return nil
}

func dataPrefix(task string) []byte {
	return append(binary.AppendUvarint([]byte{dataKey}, uint64(len(task))), task...)
}
