package pebblestore_test

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/pebblestore"
)

const damagedKeys = 300

// written returns a disk with a task's state in tables, and what it holds.
func written(t *testing.T) (*vfs.MemFS, map[string]string) {
	t.Helper()
	files := vfs.NewMem()
	b := open(t, files, stamp())
	s := openTask(t, b)
	want := map[string]string{}
	v := state.NewView(s, nil)
	for i := range damagedKeys {
		k, x := fmt.Sprintf("key%05d", i), strconv.Itoa(i*i)
		want[k] = x
		if err := v.Put([]byte(k), []byte(x)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Seal(); err != nil {
		t.Fatal(err)
	}
	if err := v.Commit(state.Position{Commit: 1, Offset: 1}); err != nil {
		t.Fatal(err)
	}
	closeBoth(t, b, s)
	return files, want
}

// tables lists the files that hold state.
func tables(t *testing.T, files vfs.FS) (paths []string) {
	t.Helper()
	names, err := files.List("state")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".sst") {
			paths = append(paths, files.PathJoin("state", name))
		}
	}
	return paths
}

func content(t *testing.T, files vfs.FS, path string) []byte {
	t.Helper()
	f, err := files.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// flip turns one bit of a file.
func flip(t *testing.T, files vfs.FS, path string, bit int) {
	t.Helper()
	text := content(t, files, path)
	text[bit/8] ^= 1 << (bit % 8)
	f, err := files.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// read looks at all that a store has, by scan and key by key.
func read(s state.Store) (map[string]string, error) {
	got := map[string]string{}
	if err := s.Scan(nil, nil, func(k, v []byte) error { got[string(k)] = string(v); return nil }); err != nil {
		return nil, err
	}
	for i := range damagedKeys {
		k := fmt.Sprintf("key%05d", i)
		v, found, err := s.Get([]byte(k))
		if err != nil {
			return nil, err
		}
		if found != (got[k] != "") || string(v) != got[k] {
			return nil, fmt.Errorf("%s is %q, and %q in a scan", k, v, got[k])
		}
	}
	return got, nil
}

// TestAFlippedBitOnTheDiskIsFound turns bits of every table. What is read is then right, or a Corrupt error; after that the store
// takes no writes, says why, and is empty for the worker that comes next, which restores it.
func TestAFlippedBitOnTheDiskIsFound(t *testing.T) {
	whole, want := written(t)
	flips, refused, thrown := 0, 0, 0
	for _, path := range tables(t, whole) {
		for bit := 3; bit < 8*len(content(t, whole, path)); bit += 61 {
			flips++
			files, _ := written(t)
			flip(t, files, path, bit)
			where := fmt.Sprintf("bit %d of %s", bit, path)
			b, err := pebblestore.Open("state", files, budget, stamp(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			s, err := b.Open("s/0")
			if err != nil {
				refused++
				if fault.KindOf(err) != fault.Corrupt {
					t.Errorf("%s: %v", where, err)
				}
				emptyAfter(t, b, files, where)
				continue
			}
			if s.Position().Commit == 0 { // found on opening
				thrown++
				closeBoth(t, b, s)
				continue
			}
			got, err := read(s)
			if err == nil {
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s: it holds something else, and nobody says so", where)
				}
				closeBoth(t, b, s)
				continue
			}
			refused++
			if fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), ".sst") {
				t.Errorf("%s: %v", where, err)
			}
			if err := s.Apply(&state.Changes{}, state.Position{Commit: 2}); fault.KindOf(err) != fault.Corrupt {
				t.Errorf("%s: it goes on writing: %v", where, err)
			}
			if err := s.Close(); err != nil && fault.KindOf(err) != fault.Corrupt {
				t.Errorf("%s: %v", where, err)
			}
			emptyAfter(t, b, files, where)
		}
	}
	if refused < flips/2 {
		t.Errorf("%d flips, %d refused", flips, refused)
	}
	t.Logf("%d flips: %d refused when read, %d on opening", flips, refused, thrown)
}

// emptyAfter closes a backend that has found damage, and looks at what the next one finds.
func emptyAfter(t *testing.T, b state.Backend, files vfs.FS, where string) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	b = open(t, files, stamp())
	s := openTask(t, b)
	if at := s.Position(); at.Commit != 0 {
		t.Errorf("%s: the next worker begins at commit %d", where, at.Commit)
	}
	commit(t, s, 1)
	closeBoth(t, b, s)
}
