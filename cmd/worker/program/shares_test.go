package program

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/worker"
)

func TestTheLimitOfTheGroupAndOfThoseAroundItIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		groups string
		want   []string
	}{
		"version 2": {"0::/a/b\n", []string{"r/a/b/memory.max", "r/a/memory.max", "r/memory.max"}},
		"version 2, in a container's own namespace": {"0::/\n", []string{"r/memory.max"}},
		"version 1": {"5:cpu,cpuacct:/x\n4:memory:/a\n0::/\n", []string{
			"r/memory/a/memory.limit_in_bytes", "r/memory/memory.limit_in_bytes", "r/memory.max",
		}},
		"none":           {"", []string{}},
		"something else": {"a line without colons\n7:memory\n", []string{}},
		"outside of the namespace that is mounted": {"0::/../x\n", []string{"r/x/memory.max", "r/memory.max"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := limitFiles("r", c.groups); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestTheLeastOfTheLimitsCounts(t *testing.T) {
	folder := t.TempDir()
	var files []string
	for name, text := range map[string]string{"own": "max\n", "around": "300\n", "above": "500\n", "gone": ""} {
		files = append(files, filepath.Join(folder, name))
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := containersLimit(files); got != 300 {
		t.Errorf("%d", got)
	}
	if got := containersLimit(nil); got != 0 {
		t.Errorf("%d without any", got)
	}
}

// TestTheSharesOfStateAreWithinTheLimit adds up what state takes at most, next to what a worker takes without.
func TestTheSharesOfStateAreWithinTheLimit(t *testing.T) {
	const timesChanges, mebibyte = 5, 1 << 20
	for _, limit := range []int64{128 * mebibyte, 256 * mebibyte, 512 * mebibyte, 1 << 30, 8 << 30, 64 << 30} {
		s := sharesOf(limit)
		if total := s.store + s.tables + timesChanges*s.changes + s.sending + besidesState; total > limit/8*7 {
			t.Errorf("of %d MiB it may take %d", limit/mebibyte, total/mebibyte)
		}
		if s.tables < leastTables || s.store < leastStore {
			t.Errorf("of %d MiB: %+v", limit/mebibyte, s)
		}
	}
	if s := sharesOf(0); s.tables != 0 || s.changes != 0 || s.sending != 0 || s.store != defaultStateMemory {
		t.Errorf("without a limit: %+v", s)
	}
	if s := sharesOf(64 << 30); s.changes != worker.DefaultChangeBytes {
		t.Errorf("of much memory: %+v", s)
	}
}
