package snapshot_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/statetest"
)

// TestRandomCommitsComeBack takes snapshots of a store of each kind among random commits, and fills stores of each kind.
func TestRandomCommitsComeBack(t *testing.T) {
	for from, source := range backends(t) {
		for into, target := range backends(t) {
			t.Run(from+" to "+into, func(t *testing.T) {
				reused := 0
				for seed := range uint64(10) {
					reused += comeBack(t, source(), target(), seed)
				}
				if reused == 0 {
					t.Error("no file was ever used again")
				}
			})
		}
	}
}

func comeBack(t *testing.T, source, target state.Backend, seed uint64) (reused int) {
	t.Helper()
	blobs := snapshottest.New()
	s := newSource(t, source, seed)
	into, err := target.Open("s1/3")
	check(t, err)
	for range 12 {
		for range 1 + s.rng.IntN(4) {
			s.step(s.rng.IntN(40))
		}
		r, err := s.take(set(blobs))
		check(t, err)
		reused += r.Reused
		if !r.Taken || r.Manifest.Commit != s.commit {
			t.Errorf("taken: %v, of commit %d, want %d", r.Taken, r.Manifest.Commit, s.commit)
		}
		if again, err := s.take(set(blobs)); err != nil || again.Taken || again.Manifest.Commit != s.commit || again.Uploaded != 0 {
			t.Errorf("the same commit once more: %+v, %v", again, err)
		}
		restored, err := set(blobs).Restore(t.Context(), into.(state.Loader), s.end(), silent{})
		check(t, err)
		if restored.Manifest == nil || len(restored.Refused) > 0 {
			t.Errorf("restored %+v", restored)
		}
		same(t, "restored", content(t, into), s.model.Scan(nil, nil))
		if got, want := into.Position(), s.position(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("restored to %v, want %v", got, want)
		}
		if s.rng.IntN(3) == 0 {
			_, err := set(blobs).Sweep(t.Context(), time.Now())
			check(t, err)
		}
	}
	return reused
}

// TestWhatDidNotChangeIsNotUploadedAgain changes one key of many.
func TestWhatDidNotChangeIsNotUploadedAgain(t *testing.T) {
	blobs := snapshottest.New()
	store, err := memory.New().Open("s1/3")
	check(t, err)
	var c state.Changes
	for i := range 100_000 {
		check(t, c.Put(fmt.Appendf(nil, "key%06d", i), []byte("some value of a key")))
	}
	check(t, store.Apply(&c, state.Position{Offset: 1, Commit: 1}))
	s := &source{t: t, rng: newSource(t, memory.New(), 1).rng, store: store, commit: 1}
	of := set(blobs)
	of.FileBytes = 32 << 10
	first, err := s.take(of)
	check(t, err)
	if n := len(first.Manifest.Files); n < 30 || n > 200 {
		t.Errorf("%d files of 2.8 MB at 32 kiB", n)
	}
	for _, change := range []func(c *state.Changes) error{
		func(c *state.Changes) error { return c.Put([]byte("key050000"), []byte("another value")) },
		func(c *state.Changes) error { return c.Put([]byte("key050000a"), []byte("another key")) },
		func(c *state.Changes) error { return c.Delete([]byte("key070000")) },
	} {
		c.Reset()
		check(t, change(&c))
		s.commit++
		check(t, store.Apply(&c, state.Position{Offset: s.commit, Commit: s.commit}))
		r, err := s.take(of)
		check(t, err)
		if r.Uploaded > 4 || r.Reused < len(first.Manifest.Files)-3 {
			t.Errorf("%d blobs for one key, %d files used again of %d", r.Uploaded, r.Reused, len(first.Manifest.Files))
		}
	}
}

// TestAFlippedBitIsFoundAndNamed turns bits of every blob. What is restored is always an older snapshot, or nothing.
func TestAFlippedBitIsFoundAndNamed(t *testing.T) {
	whole := snapshottest.New()
	s := newSource(t, memory.New(), 5)
	models := map[int64]statetest.Model{}
	for _, writes := range []int{150, 4} { // most files are in both
		s.step(writes)
		models[s.commit] = s.model.Clone()
		_, err := s.take(set(whole))
		check(t, err)
	}
	files, older, none := 0, 0, 0
	for _, name := range whole.Names() {
		files++
		step := 5 // bits; by hand all of them were turned
		if !strings.HasSuffix(name, ".json") {
			step = 13
		}
		for bit := 0; bit < 8*whole.Bytes(name); bit += step {
			blobs := whole.Clone()
			blobs.Flip(name, bit)
			r, got := restore(t, set(blobs), s.end())
			commit := int64(0)
			if r.Manifest != nil {
				commit = r.Manifest.Commit
			}
			same(t, fmt.Sprintf("bit %d of %s", bit, name), got, models[commit].Scan(nil, nil))
			refused := slices.ContainsFunc(r.Refused, func(err error) bool {
				place, _ := fault.PlaceOf(err)
				return fault.KindOf(err) == fault.Corrupt && place.File == name
			})
			if !refused && commit != s.commit { // the older one's damage is not seen while the newer one is whole
				t.Fatalf("bit %d of %s: restored commit %d, refused %v", bit, name, commit, r.Refused)
			}
			switch {
			case commit == 0:
				none++
			case commit < s.commit:
				older++
			}
		}
	}
	if older == 0 || none == 0 {
		t.Errorf("%d blobs: %d times the older one, %d times nothing: the test sees only one side", files, older, none)
	}
}

// TestACrashAtEachOperation lets the store end at each of its operations in turn, while snapshots are taken and swept.
// What is left restores to one of the commits, and to a recent one; and the next worker cleans up.
func TestACrashAtEachOperation(t *testing.T) {
	dead := errors.New("the worker is dead")
	for n := 1; ; n++ {
		blobs := snapshottest.New()
		blobs.Before = func(snapshottest.Op, string) error {
			if blobs.Ops() >= n {
				return dead
			}
			return nil
		}
		s := newSource(t, memory.New(), 3)
		models := map[int64]statetest.Model{}
		taken := int64(0)
		var err error
		for err == nil && s.commit < 7 {
			s.step(60)
			models[s.commit] = s.model.Clone()
			if _, err = s.take(set(blobs)); err != nil {
				break
			}
			taken = s.commit
			_, err = set(blobs).Sweep(t.Context(), time.Now())
		}
		if err == nil {
			t.Logf("%d operations", n-1)
			return
		}
		left := blobs.Clone()
		r, got := restore(t, set(left), s.end())
		commit := int64(0)
		if r.Manifest != nil {
			commit = r.Manifest.Commit
		}
		if commit < taken || len(r.Refused) > 0 {
			t.Fatalf("operation %d: commit %d was taken, %d is restored; refused: %v", n, taken, commit, r.Refused)
		}
		same(t, fmt.Sprintf("operation %d", n), got, models[commit].Scan(nil, nil))
		cleansUp(t, s, left, models)
	}
}

// cleansUp goes on after a crash: in the end there is what is needed, and nothing else.
func cleansUp(t *testing.T, s *source, left *snapshottest.Blobs, models map[int64]statetest.Model) {
	t.Helper()
	left.Age(snapshot.SweepAge + time.Minute)
	var swept snapshot.Swept
	for range snapshot.Keep {
		s.step(60)
		models[s.commit] = s.model.Clone()
		_, err := s.take(set(left))
		check(t, err)
		swept, err = set(left).Sweep(t.Context(), time.Now())
		check(t, err)
	}
	needed := map[string]bool{}
	for _, m := range swept.Kept {
		for _, f := range m.Files {
			needed["local.default.job/1/s1/3/0123/"+f.Name] = true
		}
	}
	manifests, files := uploaded(left)
	if len(manifests) != snapshot.Keep || len(files) != len(needed) {
		t.Errorf("%d manifests, %d files of %d that are needed", len(manifests), len(files), len(needed))
	}
	older := s.end()
	older.Commit-- // as if the newest one could not be used
	for _, b := range []snapshot.Bounds{s.end(), older} {
		r, got := restore(t, set(left), b)
		if r.Manifest == nil || r.Manifest.Commit != b.Commit {
			t.Errorf("restored %+v, want commit %d", r, b.Commit)
			continue
		}
		same(t, "after the crash", got, models[b.Commit].Scan(nil, nil))
	}
}

// TestASnapshotOfNoUseIsRefused looks at each thing that makes a whole snapshot useless.
func TestASnapshotOfNoUseIsRefused(t *testing.T) {
	blobs := snapshottest.New()
	s := newSource(t, memory.New(), 9)
	s.step(10)
	_, err := s.take(set(blobs))
	check(t, err)
	for name, c := range map[string]struct {
		change func(i *snapshot.Identity)
		bounds snapshot.Bounds
		usable bool
		listed bool
	}{
		"it fits":                     {nil, s.end(), true, true},
		"the log begins at its end":   {nil, snapshot.Bounds{Start: 10, End: 10, Commit: 1}, true, true},
		"the log begins after it":     {nil, snapshot.Bounds{Start: 11, End: 20, Commit: 1}, false, true},
		"the log ends before it":      {nil, snapshot.Bounds{End: 9, Commit: 1}, false, true},
		"it is of a later commit":     {nil, snapshot.Bounds{End: 10}, false, true},
		"another layout of the state": {func(i *snapshot.Identity) { i.StateHash = "def" }, s.end(), false, true},
		"another state epoch":         {func(i *snapshot.Identity) { i.StateEpoch = 2 }, s.end(), false, false},
		"another task":                {func(i *snapshot.Identity) { i.Task = "s1/30" }, s.end(), false, false},
		"another topic of that name":  {func(i *snapshot.Identity) { i.Log = "4567" }, s.end(), false, false},
		"another job":                 {func(i *snapshot.Identity) { i.Job = "local.default.jo" }, s.end(), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			of := set(blobs)
			if c.change != nil {
				c.change(&of.Identity)
			}
			r, _ := restore(t, of, c.bounds)
			if (r.Manifest != nil) != c.usable || (len(r.Refused) > 0) != (c.listed && !c.usable) {
				t.Errorf("%+v", r)
			}
		})
	}
}
