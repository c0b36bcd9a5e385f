package pebblestore_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/state/statetest"
)

const budget = 4 << 20

func stamp() pebblestore.Stamp { return pebblestore.Stamp{Job: "local.default.job", StateEpoch: 1} }

func open(t *testing.T, fs vfs.FS, s pebblestore.Stamp) state.Backend {
	t.Helper()
	b, err := pebblestore.Open("state", fs, budget, s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSuite(t *testing.T) {
	statetest.Run(t, func(t *testing.T) state.Backend {
		t.Helper()
		return open(t, vfs.NewMem(), stamp())
	})
}

func TestOnARealDisk(t *testing.T) {
	dir := t.TempDir()
	for round := range int64(3) {
		b, err := pebblestore.Open(dir, nil, budget, stamp(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		s := openTask(t, b)
		if at := s.Position(); at.Commit != round {
			t.Errorf("round %d: at commit %d", round, at.Commit)
		}
		commit(t, s, round+1)
		closeBoth(t, b, s)
	}
}

func TestStateOfAnotherStampIsThrownAway(t *testing.T) {
	fs := vfs.NewMem()
	b := open(t, fs, stamp())
	s := openTask(t, b)
	commit(t, s, 1)
	closeBoth(t, b, s)
	other := stamp()
	other.StateHash = "changed"
	b = open(t, fs, other)
	s = openTask(t, b)
	if at := s.Position(); at.Commit != 0 {
		t.Errorf("another stamp, and yet at %v", at)
	}
	closeBoth(t, b, s)
}

// TestCrashAtEachFileOperation lets the disk die before each write in turn, keeping a random part of what was not
// synced. Whatever is left, data and position are of one commit, and a later commit was never lost after Close.
func TestCrashAtEachFileOperation(t *testing.T) {
	older := 0
	crashes := 0
	for op := 1; ; op++ {
		left := crashAt(t, op)
		if left == nil {
			break
		}
		crashes++
		b := open(t, left, stamp())
		s := openTask(t, b)
		at := s.Position().Commit
		if at < 10 {
			older++
		}
		got := map[string]string{}
		if err := s.Scan(nil, nil, func(k, v []byte) error { got[string(k)] = string(v); return nil }); err != nil {
			t.Fatal(err)
		}
		want := expected(at)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("crash at operation %d: position %d with %v, want %v", op, at, got, want)
		}
		commit(t, s, at+1)
		closeBoth(t, b, s)
	}
	if crashes == 0 || older == 0 || older == crashes {
		t.Errorf("%d crashes, %d left an older commit: the test sees only one side", crashes, older)
	}
	t.Logf("%d crash points, %d left an older commit", crashes, older)
}

// crashAt makes ten commits with flushes among them and returns what the disk holds just before its op-th write, or nil.
func crashAt(t *testing.T, op int) vfs.FS {
	t.Helper()
	return leftBefore(op, func(files vfs.FS) {
		for round := range int64(2) {
			b := open(t, files, stamp())
			s := openTask(t, b)
			for i := range int64(5) {
				commit(t, s, round*5+i+1)
			}
			closeBoth(t, b, s)
		}
	})
}

// leftBefore lets play have a disk, and returns what a crash just before the op-th write would have left of it: what was synced, and
// a random part of the rest. It is nil where there were fewer writes.
func leftBefore(op int, play func(files vfs.FS)) (left vfs.FS) {
	disk := vfs.NewCrashableMem()
	var mu sync.Mutex
	n := 0
	play(errorfs.Wrap(disk, errorfs.InjectorFunc(func(o errorfs.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if o.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			if n++; n == op {
				left = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(uint64(op), 1))})
			}
		}
		return nil
	})))
	mu.Lock()
	defer mu.Unlock()
	return left
}

// commit writes what commit n writes: a key of its own, a counter, and every third time it deletes a range.
func commit(t *testing.T, s state.Store, n int64) {
	t.Helper()
	v := state.NewView(s, nil)
	if n%3 == 0 {
		if err := v.DeleteRange([]byte("key"), []byte("kez")); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range []string{"counter", "key" + strconv.FormatInt(n, 10)} {
		if err := v.Put([]byte(k), strconv.AppendInt(nil, n, 10)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Seal(); err != nil {
		t.Fatal(err)
	}
	if err := v.Commit(state.Position{Commit: n, Offset: n}); err != nil {
		t.Fatal(err)
	}
}

func expected(at int64) map[string]string {
	m := map[string]string{}
	for n := int64(1); n <= at; n++ {
		if n%3 == 0 {
			m = map[string]string{}
		}
		m["counter"] = strconv.FormatInt(n, 10)
		m["key"+strconv.FormatInt(n, 10)] = strconv.FormatInt(n, 10)
	}
	return m
}

func openTask(t *testing.T, b state.Backend) state.Store {
	t.Helper()
	s, err := b.Open("s/0")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeBoth(t *testing.T, b state.Backend, s state.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}
