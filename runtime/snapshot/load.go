package snapshot

import (
	"context"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// fetchAhead is how many files are fetched before they are needed.
const fetchAhead = 2

// Bounds say which snapshots a task can go on from: the log has to hold what comes after one.
type Bounds struct {
	// Start and End are those of the log.
	Start, End int64
	// Commit is the number of the task's last commit: no snapshot is of a later one.
	Commit int64
}

// refuses says why a manifest is of no use, or nothing.
func (b Bounds) refuses(m *Manifest, name string) error {
	switch {
	case m.Offset < b.Start:
		return corrupt(name, "it ends at offset %d, and the changelog begins at %d", m.Offset, b.Start)
	case m.Offset > b.End:
		return corrupt(name, "it ends at offset %d, and the changelog at %d", m.Offset, b.End)
	case m.Commit > b.Commit:
		return corrupt(name, "it is of commit %d, and the task's last one is %d", m.Commit, b.Commit)
	}
	return nil
}

// Restored says what Restore has done.
type Restored struct {
	// Manifest is the snapshot that the store stands at now, or nil when there is none that can be used.
	Manifest *Manifest
	// Refused are the errors of newer snapshots, damaged or of no use; all name the blob.
	Refused []error
}

// Progress is told of what a restore is going to read, and of each file that was read: bytes of blobs, and keys.
type Progress interface {
	Begin(bytes, keys int64)
	Add(bytes, keys int64)
}

// Restore fills a store from the newest snapshot that is whole and within bounds. A snapshot with a damaged blob is passed
// over, and the one before it is tried. An error is one of the world: the store is as it was.
func (s *Set) Restore(ctx context.Context, into state.Loader, b Bounds, p Progress) (Restored, error) {
	var r Restored
	entries, err := s.list(ctx)
	if err != nil {
		return r, err
	}
	for _, e := range entries {
		m, err := s.read(ctx, e.name)
		if err == nil {
			err = b.refuses(m, e.name)
		}
		if err == nil {
			err = s.load(ctx, m, into, p)
		}
		switch {
		case err == nil:
			r.Manifest = m
			return r, nil
		case fault.KindOf(err) != fault.Corrupt:
			return r, err
		}
		r.Refused = append(r.Refused, err)
	}
	return r, nil
}

// fetched is a file on its way from the store.
type fetched struct {
	file File
	name string
	blob []byte
	err  error
}

// load fills a store from a snapshot, and fetches the next files while it works on one.
func (s *Set) load(ctx context.Context, m *Manifest, into state.Loader, p Progress) error {
	size, keys := m.Totals()
	p.Begin(size, keys)
	ctx, cancel := context.WithCancel(ctx)
	files := make(chan fetched, fetchAhead)
	go func() {
		defer close(files)
		for _, f := range m.Files {
			next := fetched{file: f, name: s.Identity.dir() + f.Name}
			next.blob, next.err = s.fetch(ctx, next.name, f)
			select {
			case files <- next:
			case <-ctx.Done():
				return
			}
			if next.err != nil {
				return
			}
		}
	}()
	defer func() { // the fetching has ended when this returns
		cancel()
		for range files { // what is left is thrown away
		}
	}()
	return into.Load(m.Position(), func(put func(key, value []byte) error) error {
		for range m.Files {
			next, ok := <-files
			if !ok {
				return context.Cause(ctx)
			}
			if next.err != nil {
				return next.err
			}
			if err := decodeFile(next.name, next.blob, next.file, put); err != nil {
				return err
			}
			p.Add(next.file.Size, next.file.Keys)
		}
		return nil
	})
}

// fetch reads a file and compares it with what the manifest says.
func (s *Set) fetch(ctx context.Context, name string, f File) ([]byte, error) {
	blob, err := s.Blobs.Get(ctx, name, f.Size)
	if err != nil {
		return nil, s.classed(name, err)
	}
	if int64(len(blob)) != f.Size {
		return nil, corrupt(name, "it has %d bytes, the manifest says %d", len(blob), f.Size)
	}
	if sum := checksum(blob); sum != f.SHA256 {
		return nil, corrupt(name, "its checksum is %s, the manifest says %s", sum, f.SHA256)
	}
	return blob, nil
}
