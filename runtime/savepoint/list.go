package savepoint

import (
	"cmp"
	"context"
	"slices"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
)

// Entry is a savepoint as List finds it.
type Entry struct {
	Job, ID string
	// Manifest is nil where it can't be read; then Err says why.
	Manifest *Manifest
	Err      error
}

// List returns the savepoints of a job, or of all jobs where that is empty, the newest first. A damaged manifest is an entry with
// an error.
func List(ctx context.Context, blobs snapshot.Blobs, job string) ([]Entry, error) {
	prefix := ""
	if job != "" {
		prefix = jobDir(job)
	}
	var list []Entry
	err := blobs.List(ctx, prefix, func(o snapshot.Object) error {
		if job, id, ok := parseManifestName(o.Name); ok {
			list = append(list, Entry{Job: job, ID: id})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		e := &list[i]
		if e.Manifest, e.Err = ReadManifest(ctx, blobs, e.Job, e.ID); e.Err != nil && fault.KindOf(e.Err) != fault.Corrupt && fault.KindOf(e.Err) != fault.User {
			return nil, e.Err
		}
	}
	slices.SortFunc(list, Entry.compare)
	return list, nil
}

// compare orders the newest first; those without a manifest come last.
func (e Entry) compare(other Entry) int {
	switch {
	case e.Manifest != nil && other.Manifest != nil:
		return cmp.Or(other.Manifest.TakenAt.Compare(e.Manifest.TakenAt), cmp.Compare(e.Job, other.Job), cmp.Compare(other.ID, e.ID))
	case e.Manifest != nil:
		return -1
	case other.Manifest != nil:
		return 1
	default:
		return cmp.Or(cmp.Compare(e.Job, other.Job), cmp.Compare(other.ID, e.ID))
	}
}
