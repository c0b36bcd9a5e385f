package pebblestore_test

import (
	"fmt"
	"log/slog"
	"strconv"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/pebblestore"
)

const (
	beforeLoad = 4
	loadedAt   = 100
	loadedKeys = 50
	afterLoad  = 103
)

// TestCrashAtEachFileOperationOfALoad lets the disk die before each write in turn while a store that holds something is
// filled with something else. Whatever is left, data and position are of one moment.
func TestCrashAtEachFileOperationOfALoad(t *testing.T) {
	var before, after, crashes int
	for op := 1; ; op++ {
		left := crashInLoad(t, op)
		if left == nil {
			break
		}
		crashes++
		b := open(t, left, stamp())
		s := openTask(t, b)
		at := s.Position().Commit
		want := expected(at)
		if at >= loadedAt {
			after++
			want = loaded(at)
		} else {
			before++
		}
		got := map[string]string{}
		if err := s.Scan(nil, nil, func(k, v []byte) error { got[string(k)] = string(v); return nil }); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("crash at operation %d: position %d with %v, want %v", op, at, got, want)
		}
		closeBoth(t, b, s)
	}
	if before == 0 || after == 0 {
		t.Errorf("%d crashes, %d before and %d after the load: the test sees only one side", crashes, before, after)
	}
	t.Logf("%d crash points, %d before the load", crashes, before)
}

// crashInLoad returns what the disk holds just before its op-th write, or nil.
func crashInLoad(t *testing.T, op int) vfs.FS {
	t.Helper()
	return leftBefore(op, func(files vfs.FS) {
		b := open(t, files, stamp())
		s := openTask(t, b)
		for i := range int64(beforeLoad) {
			commit(t, s, i+1)
		}
		if err := b.(state.Flusher).Flush(); err != nil {
			t.Fatal(err)
		}
		commit(t, s, beforeLoad+1) // in memory while the load comes
		err := s.(state.Loader).Load(state.Position{Commit: loadedAt, Offset: loadedAt}, func(put func(k, v []byte) error) error {
			for i := range loadedKeys {
				if err := put(fmt.Appendf(nil, "loaded%02d", i), []byte("x")); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for n := int64(loadedAt + 1); n <= afterLoad; n++ {
			commit(t, s, n)
		}
		closeBoth(t, b, s)
	})
}

func loaded(at int64) map[string]string {
	m := map[string]string{}
	for i := range loadedKeys {
		m[fmt.Sprintf("loaded%02d", i)] = "x"
	}
	for n := int64(loadedAt + 1); n <= at; n++ {
		if n%3 == 0 { // as commit does, which deletes key…
			for k := range m {
				if k[:3] == "key" {
					delete(m, k)
				}
			}
		}
		m["counter"] = strconv.FormatInt(n, 10)
		m["key"+strconv.FormatInt(n, 10)] = strconv.FormatInt(n, 10)
	}
	return m
}

// TestALoadThatACrashCutShortLeavesNothing looks for the tables of a load in a directory that is opened again.
func TestALoadThatACrashCutShortLeavesNothing(t *testing.T) {
	fs := vfs.NewMem()
	b := open(t, fs, stamp())
	closeBoth(t, b, openTask(t, b))
	if err := fs.MkdirAll("state/load/1", 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := pebblestore.Open("state", fs, budget, stamp(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat("state/load"); err == nil {
		t.Error("what a load left is still there")
	}
	closeBoth(t, b, openTask(t, b))
}
