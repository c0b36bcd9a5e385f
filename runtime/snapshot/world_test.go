package snapshot_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/state/statetest"
)

const plenty = 1 << 24

func identity() snapshot.Identity {
	return snapshot.Identity{Job: "local.default.job", StateEpoch: 1, StateHash: "abc", Task: "s1/3", Log: "0123"}
}

func set(b snapshot.Blobs) *snapshot.Set {
	return &snapshot.Set{Blobs: b, Identity: identity(), FileBytes: 200}
}

func backends(t *testing.T) map[string]func() state.Backend {
	t.Helper()
	return map[string]func() state.Backend{
		"memory": func() state.Backend { return memory.New() },
		"pebble": func() state.Backend {
			b, err := pebblestore.Open("state", vfs.NewMem(), 4<<20, pebblestore.Stamp{}, slog.New(slog.DiscardHandler))
			check(t, err)
			return b
		},
	}
}

// source is a store with a model of it.
type source struct {
	t      *testing.T
	rng    *rand.Rand
	store  state.Store
	model  statetest.Model
	commit int64
}

func newSource(t *testing.T, b state.Backend, seed uint64) *source {
	t.Helper()
	s, err := b.Open("s1/3")
	check(t, err)
	return &source{t: t, rng: rand.New(rand.NewPCG(seed, 11)), store: s, model: statetest.Model{}}
}

// step makes one commit of some writes.
func (s *source) step(writes int) {
	s.t.Helper()
	var c state.Changes
	for range writes {
		k := fmt.Sprintf("key%03d", s.rng.IntN(300))
		switch s.rng.IntN(10) {
		case 0:
			check(s.t, c.Delete([]byte(k)))
			delete(s.model, k)
		case 1:
			upper := k + "5"
			check(s.t, c.DeleteRange([]byte(k), []byte(upper)))
			s.model.DeleteRange([]byte(k), []byte(upper))
		default:
			v := strconv.Itoa(s.rng.IntN(1 << 30))
			check(s.t, c.Put([]byte(k), []byte(v)))
			s.model[k] = v
		}
	}
	s.commit++
	check(s.t, s.store.Apply(&c, s.position()))
}

func (s *source) position() state.Position {
	return state.Position{Offset: 10 * s.commit, Commit: s.commit, Meta: fmt.Appendf(nil, "meta %d", s.commit)}
}

// take makes a snapshot of the present commit.
func (s *source) take(of *snapshot.Set) (snapshot.Result, error) {
	s.t.Helper()
	f, err := s.store.(state.Freezer).Freeze(plenty)
	check(s.t, err)
	defer func() { check(s.t, f.Close()) }()
	return of.Take(s.t.Context(), f, snapshot.Attempt{Begin: time.UnixMicro(s.rng.Int64N(1 << 40))})
}

// end is where the log of a source ends.
func (s *source) end() snapshot.Bounds { return snapshot.Bounds{End: 10 * s.commit, Commit: s.commit} }

type silent struct{}

func (silent) Begin(int64, int64) {}

func (silent) Add(int64, int64) {}

// restore fills a new memory store and returns what it holds then.
func restore(t *testing.T, from *snapshot.Set, b snapshot.Bounds) (snapshot.Restored, []string) {
	t.Helper()
	s, err := memory.New().Open("s1/3")
	check(t, err)
	r, err := from.Restore(context.WithoutCancel(t.Context()), s.(state.Loader), b, silent{})
	check(t, err)
	if r.Manifest == nil && s.Position().Commit != 0 || r.Manifest != nil && s.Position().Commit != r.Manifest.Commit {
		t.Errorf("restored %v and stands at %v", r.Manifest, s.Position())
	}
	return r, content(t, s)
}

func content(t *testing.T, s state.Store) []string {
	t.Helper()
	got := []string{}
	check(t, s.Scan(nil, nil, func(k, v []byte) error { got = append(got, string(k)+"="+string(v)); return nil }))
	return got
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d keys, want %d: %.300q, want %.300q", what, len(got), len(want), got, want)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// uploaded splits the names of blobs.
func uploaded(b *snapshottest.Blobs) (manifests, files []string) {
	for _, name := range b.Names() {
		if name[len(name)-5:] == ".json" {
			manifests = append(manifests, name)
		} else {
			files = append(files, name)
		}
	}
	return manifests, files
}
