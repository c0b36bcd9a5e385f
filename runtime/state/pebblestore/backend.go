package pebblestore

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
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
	maxMemtables = 4  // writes wait beyond
	filterBits   = 10 // a key; one look in a hundred is in vain

	// Sublevels of L0, each of which a look has to go through. With Pebble's own 12 a bulk of new keys stopped all writes for up to three
	// seconds, behind one compaction; filters keep the looks cheap. A second compaction begins at some of them.
	strainedSublevels  = 6
	compactedSublevels = 4
	mostSublevels      = 40 // writes wait beyond
	mostCompactions    = 2

	tablesOfCache = 32 // tables whose blocks would fill the cache
	minTable      = 1 << 20
	maxTable      = 16 << 20
)

// Backend is the state of a worker's tasks in one Pebble. It is safe for concurrent use.
type Backend struct {
	db *pebble.DB

	dir     string
	files   vfs.FS
	options *pebble.Options // as it was opened with, for tables that it takes in
	damage  *damage
	log     *slog.Logger

	mu   sync.Mutex
	open map[string]bool
}

// Open opens the state in dir, which is made if need be, on a file system (nil is the machine's). budgetBytes bounds
// memory, three eighths for memtables and the rest for the block cache; the least is 4 MiB. What dir holds is kept if it has this
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
	found := &damage{log: log}
	options := func() *pebble.Options { return options(files, budgetBytes, found, log) }
	db, reason, err := openStamped(dir, files, options, want)
	if err != nil {
		return nil, err
	}
	if db == nil {
		log.Warn("the local state is thrown away and restored from the changelog", "directory", dir, "reason", reason)
		if db, err = makeStamped(dir, files, options, want); err != nil {
			return nil, err
		}
		found.forget()
	}
	opts := options()
	opts.EnsureDefaults()
	return &Backend{db: db, dir: dir, files: files, options: opts, damage: found, log: log, open: map[string]bool{}}, nil
}

// openStamped opens what is there. No database and no error means that it must go, for the reason.
func openStamped(dir string, files vfs.FS, options func() *pebble.Options, want []byte) (db *pebble.DB, reason string, err error) {
	names, err := files.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", fault.Wrap(fault.Transient, err, "list %s", dir)
	}
	if len(names) == 0 {
		db, err = makeStamped(dir, files, options, want)
		return db, "", err
	}
	db, err = pebble.Open(dir, options())
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
func makeStamped(dir string, files vfs.FS, options func() *pebble.Options, stamp []byte) (*pebble.DB, error) {
	if err := files.RemoveAll(dir); err != nil {
		return nil, fault.Wrap(fault.Transient, err, "remove %s", dir)
	}
	db, err := pebble.Open(dir, options())
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

func options(files vfs.FS, budgetBytes int64, found *damage, log *slog.Logger) *pebble.Options {
	memtables := budgetBytes / 8 * 3
	o := &pebble.Options{
		FS:                          files,
		DisableWAL:                  true,
		FormatMajorVersion:          pebble.FormatColumnarBlocks,
		CacheSize:                   budgetBytes - memtables,
		MemTableSize:                uint64(min(max(memtables/maxMemtables, minMemtable), maxMemtable)),
		MemTableStopWritesThreshold: maxMemtables,
		L0StopWritesThreshold:       mostSublevels,
		CompactionConcurrencyRange:  func() (lower, upper int) { return 1, mostCompactions },
		Logger:                      logger{log},
		EventListener:               &pebble.EventListener{DataCorruption: found.data},
	}
	o.Experimental.L0CompactionConcurrency = compactedSublevels
	// A key that an aggregate meets for the first time is looked for in vain on each level. A filter says so without a read.
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(filterBits)
	}
	// A table has one filter, which is read as a whole: those of Pebble's usual tables, of 64 MiB on the lowest level, have megabytes, and
	// would not fit into a shard of the cache.
	for i := range o.TargetFileSizes {
		o.TargetFileSizes[i] = min(max(o.CacheSize/tablesOfCache, minTable), maxTable)
	}
	return o
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

// Strained says that compactions are behind.
func (b *Backend) Strained() bool { return b.db.Metrics().Levels[0].Sublevels >= strainedSublevels }

// Flush writes out all that was applied before.
func (b *Backend) Flush() error {
	if err := b.db.Flush(); err != nil {
		return fault.Wrap(fault.Transient, err, "flush the local state")
	}
	return nil
}

// Close flushes and closes the database. One in which damage was found is thrown away, so that the next Open begins empty.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.open) > 0 {
		return fault.New(fault.Bug, fault.Place{}, "the state of %d tasks is open while its backend closes", len(b.open))
	}
	if cause := b.damage.found(); cause != "" {
		b.log.Warn("the local state is thrown away, to be restored from a snapshot or the changelog", "directory", b.dir, "reason", cause)
		_ = b.db.Close() // whatever it still says is of files that go
		if err := b.files.RemoveAll(b.dir); err != nil {
			return fault.Wrap(fault.Transient, err, "remove the damaged state in %s", b.dir)
		}
		return nil
	}
	if err := errors.Join(b.db.Flush(), b.db.Close()); err != nil {
		return fault.Wrap(fault.Transient, err, "close the local state")
	}
	return nil
}

func dataPrefix(task string) []byte {
	return append(binary.AppendUvarint([]byte{dataKey}, uint64(len(task))), task...)
}
