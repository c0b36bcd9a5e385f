package snapshot

import (
	"context"
	"fmt"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// Attempt names one try to take a snapshot: no two of a task have the same name, whichever worker makes them.
type Attempt struct {
	// Worker is the ordinal.
	Worker int
	// Begin is when it began.
	Begin time.Time
}

func (a Attempt) of(commit int64) string {
	return fmt.Sprintf("%019d-%d.%d", commit, a.Worker, a.Begin.UnixMicro())
}

// Result says what a snapshot took.
type Result struct {
	// Manifest is the newest snapshot there is now. Taken is false where it was there before: it is of the same commit, or
	// of a later one.
	Manifest *Manifest
	Taken    bool
	// Uploaded counts the blobs that were new, UploadedBytes their size, and Reused the files of the snapshot before.
	Uploaded, Reused int
	UploadedBytes    int64
	// Damaged are the errors of manifests that could not be read.
	Damaged []error
}

// taking is a snapshot on its way.
type taking struct {
	*Set
	result  *Result
	m       *Manifest
	name    string // of the attempt
	cut     cutter
	file    file
	began   time.Time
	known   map[string]File // of the snapshot before, by checksum
	present map[string]int64
}

// Take makes a snapshot of what is frozen: it uploads the files that are new, reads them back, and writes the manifest. It
// does nothing when there is a snapshot of that commit already. After an error there is no new snapshot, and files of the
// attempt are left for Sweep.
func (s *Set) Take(ctx context.Context, f state.Frozen, a Attempt) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, AttemptTimeout)
	defer cancel()
	var r Result
	base, err := s.newest(ctx, &r)
	if err != nil {
		return r, err
	}
	at := f.Position()
	if base != nil && base.Commit >= at.Commit {
		r.Manifest = base
		return r, nil
	}
	t := &taking{
		Set: s, result: &r, name: a.of(at.Commit), began: time.Now(), known: map[string]File{}, present: map[string]int64{},
		m:   &Manifest{Layout: Layout, Identity: s.Identity, Offset: at.Offset, Commit: at.Commit, Meta: at.Meta, TakenAt: a.Begin.UTC(), Files: []File{}},
		cut: newCutter(or(s.FileBytes, DefaultFileBytes)),
	}
	if err := t.learn(ctx, base); err != nil {
		return r, err
	}
	if err := f.Each(func(key, value []byte) error { return t.add(ctx, key, value) }); err != nil {
		return r, err
	}
	if err := t.finish(ctx); err != nil {
		return r, err
	}
	if err := t.commit(ctx); err != nil {
		return r, err
	}
	r.Manifest, r.Taken = t.m, true
	return r, nil
}

// newest returns the newest manifest that can be read, or nil.
func (s *Set) newest(ctx context.Context, r *Result) (*Manifest, error) {
	entries, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		m, err := s.read(ctx, e.name)
		if err == nil {
			return m, nil
		}
		if fault.KindOf(err) != fault.Corrupt {
			return nil, err
		}
		r.Damaged = append(r.Damaged, err)
	}
	return nil, nil //nolint:nilnil // a task without a snapshot
}

// learn finds out what need not be uploaded again: what the snapshot before names and the store has.
func (t *taking) learn(ctx context.Context, base *Manifest) error {
	if base == nil {
		return nil
	}
	for _, f := range base.Files {
		t.known[f.SHA256] = f
	}
	dir := t.Identity.dir()
	return t.Blobs.List(ctx, dir+dataFolder, func(o Object) error {
		t.present[o.Name[len(dir):]] = o.Size
		return nil
	})
}

func (t *taking) add(ctx context.Context, key, value []byte) error {
	const look = 1 << 10 // keys between two looks at the context
	if t.file.keys%look == 0 && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if t.cut.before(&t.file, key, value) {
		if err := t.finish(ctx); err != nil {
			return err
		}
	}
	t.file.add(key, value)
	return nil
}

// finish ends a file: it is one of the snapshot before, or it is uploaded and read back.
func (t *taking) finish(ctx context.Context) error {
	if t.file.keys == 0 {
		return nil
	}
	if len(t.m.Files) == maxFiles {
		return fault.New(fault.User, fault.Place{}, "the state of %s has more than %d files", t.m.Task, maxFiles).Do("raise maxParallelism")
	}
	blob := t.file.encode()
	f := File{SHA256: checksum(blob), Size: int64(len(blob)), Keys: t.file.keys, Bytes: t.file.bytes}
	t.file.reset()
	if old, ok := t.known[f.SHA256]; ok && old.Keys == f.Keys && old.Bytes == f.Bytes {
		if size, there := t.present[old.Name]; there && size == f.Size {
			t.m.Files = append(t.m.Files, old)
			t.result.Reused++
			return nil
		}
	}
	f.Name = fmt.Sprintf("%s%s-%06d", dataFolder, t.name, len(t.m.Files))
	if err := t.upload(ctx, t.Identity.dir()+f.Name, blob, f.SHA256); err != nil {
		return err
	}
	t.m.Files = append(t.m.Files, f)
	return t.pace(ctx)
}

// upload writes a blob and reads it back: what the store says of a blob is not what it holds.
func (t *taking) upload(ctx context.Context, name string, blob []byte, sum string) error {
	if err := t.Blobs.Put(ctx, name, blob); err != nil {
		return err
	}
	back, err := t.Blobs.Get(ctx, name, int64(len(blob)))
	if err != nil {
		return t.classed(name, err)
	}
	if checksum(back) != sum {
		return fault.New(fault.Transient, fault.InText(name, 0, 0), "the store does not return what was written")
	}
	t.result.Uploaded++
	t.result.UploadedBytes += int64(len(blob))
	return nil
}

// commit writes the manifest.
func (t *taking) commit(ctx context.Context) error {
	text, err := t.m.encode()
	if err != nil {
		return err
	}
	if len(text) > maxManifestBytes {
		return fault.New(fault.Bug, fault.Place{}, "a manifest of %d bytes", len(text))
	}
	return t.upload(ctx, t.Identity.dir()+manifestFolder+t.name+".json", text, checksum(text))
}

// pace waits until the upload is no faster than it may be.
func (t *taking) pace(ctx context.Context) error {
	perSecond := or(t.BytesPerSecond, DefaultBytesPerSecond)
	ahead := time.Duration(float64(t.result.UploadedBytes)/float64(perSecond)*float64(time.Second)) - time.Since(t.began)
	if ahead <= 0 {
		return nil
	}
	timer := time.NewTimer(ahead)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// or returns n, or the default where n is 0.
func or(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}
