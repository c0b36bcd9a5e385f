package snapshot

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	manifestFolder = "snapshots/"
	dataFolder     = "data/"

	// DefaultFileBytes is the mean size of files before compression.
	DefaultFileBytes = 8 << 20
	// DefaultBytesPerSecond is the most that one worker uploads.
	DefaultBytesPerSecond = 64 << 20

	// Keep is how many snapshots of a task are kept: one can be damaged, and the log reaches back to the older one.
	Keep = 2
	// AttemptTimeout bounds one snapshot.
	AttemptTimeout = time.Hour
	// SweepAge is how old a file that no manifest names is before it is deleted: no attempt can still want it.
	SweepAge = 24 * time.Hour
)

// Set is the snapshots of one task. It holds nothing: what there is, the store says each time. It is safe for concurrent
// use, as its Blobs are.
type Set struct {
	Blobs    Blobs
	Identity Identity
	// FileBytes is the mean size of files before compression; 0 means DefaultFileBytes.
	FileBytes int
	// BytesPerSecond bounds uploads; 0 means DefaultBytesPerSecond.
	BytesPerSecond int
}

// entry is a manifest that the store lists.
type entry struct {
	name   string // whole
	commit int64
}

// list returns the manifests there are, the newest commit first.
func (s *Set) list(ctx context.Context) ([]entry, error) {
	var list []entry
	prefix := s.Identity.dir() + manifestFolder
	err := s.Blobs.List(ctx, prefix, func(o Object) error {
		if commit, ok := commitOf(strings.TrimPrefix(o.Name, prefix)); ok {
			list = append(list, entry{o.Name, commit})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b entry) int { return -strings.Compare(a.name, b.name) }) // commits are of one width
	return list, nil
}

// commitOf reads the name of a manifest.
func commitOf(name string) (int64, bool) {
	number, _, ok := strings.Cut(name, "-")
	if !ok || !strings.HasSuffix(name, ".json") {
		return 0, false
	}
	commit, err := strconv.ParseInt(number, 10, 64)
	return commit, err == nil && commit >= 0
}

// read returns a manifest. One that is damaged, gone, or of something else is a Corrupt error.
func (s *Set) read(ctx context.Context, name string) (*Manifest, error) {
	text, err := s.Blobs.Get(ctx, name, maxManifestBytes)
	if err != nil {
		return nil, s.classed(name, err)
	}
	m, err := decodeManifest(name, text)
	if err == nil && m.Identity != s.Identity {
		err = corrupt(name, "it is of %+v, not of %+v", m.Identity, s.Identity)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// classed makes a blob that is not there a Corrupt error: somebody names it.
func (s *Set) classed(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.Corrupt, err, "a blob of a snapshot is gone").At(fault.InText(name, 0, 0))
	}
	return err
}
