package snapshot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/fault"
)

// Swept says what Sweep has found and done.
type Swept struct {
	// Kept are the snapshots that stay, the newest first.
	Kept []*Manifest
	// Deleted counts blobs.
	Deleted int
}

// Sweep deletes what is not needed any more: all but the Keep newest snapshots, with the files that only they name, and
// files that no manifest names and that are older than SweepAge. An error leaves what is left for the next time; so does a
// crash.
func (s *Set) Sweep(ctx context.Context, now time.Time) (Swept, error) {
	var found inventory
	err := s.Blobs.List(ctx, s.Identity.taskDir(), func(o Object) error {
		found.objects = append(found.objects, o)
		return nil
	})
	if err != nil {
		return Swept{}, err
	}
	found.manifests = map[string]*Manifest{}
	dir := s.Identity.dir()
	for _, o := range found.objects {
		if !strings.HasPrefix(o.Name, dir+manifestFolder) {
			continue
		}
		m, err := s.read(ctx, o.Name)
		if err != nil && fault.KindOf(err) != fault.Corrupt {
			return Swept{}, err // what can't be read now may be needed
		}
		found.manifests[o.Name] = m
	}
	p := found.plan(dir, now)
	swept := Swept{Kept: p.kept}
	for _, name := range append(p.manifests, p.files...) {
		if err := s.Blobs.Delete(ctx, name); err != nil {
			return swept, err
		}
		swept.Deleted++
	}
	return swept, nil
}

// inventory is what there is of a task.
type inventory struct {
	objects []Object
	// manifests are those of the present changelog topic, nil where one is damaged.
	manifests map[string]*Manifest
}

// cleaning is what can go, in this order: manifests first, so that none names a file that is not there.
type cleaning struct {
	kept             []*Manifest
	manifests, files []string
}

// plan decides what is deleted of a task whose snapshots are in dir. What lies elsewhere is of a changelog topic that was
// deleted since: nobody can use it.
func (v *inventory) plan(dir string, now time.Time) cleaning {
	var p cleaning
	names := make([]string, 0, len(v.manifests))
	for name := range v.manifests {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.Reverse(names)
	named, gone := map[string]bool{}, map[string]bool{}
	for _, name := range names {
		m := v.manifests[name]
		switch {
		case len(p.kept) == Keep:
			p.manifests = append(p.manifests, name)
			markFiles(gone, dir, m)
		case m != nil:
			p.kept = append(p.kept, m)
			markFiles(named, dir, m)
		}
	}
	for _, o := range v.objects {
		old := now.Sub(o.Modified) > SweepAge
		switch {
		case strings.HasPrefix(o.Name, dir+dataFolder):
			if !named[o.Name] && (gone[o.Name] || old) {
				p.files = append(p.files, o.Name)
			}
		case strings.HasPrefix(o.Name, dir): // a manifest, or nothing of ours
		case !old:
		case strings.Contains(o.Name, "/"+manifestFolder):
			p.manifests = append(p.manifests, o.Name)
		case strings.Contains(o.Name, "/"+dataFolder):
			p.files = append(p.files, o.Name)
		}
	}
	return p
}

func markFiles(in map[string]bool, dir string, m *Manifest) {
	if m == nil {
		return
	}
	for i := range m.Files {
		in[dir+m.Files[i].Name] = true
	}
}
