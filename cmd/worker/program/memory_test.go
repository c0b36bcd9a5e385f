package program

import (
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

func TestTheContainersLimitIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want int64
	}{
		"no limit, version 2":         {"max\n", 0},
		"no limit, version 1":         {"9223372036854771712\n", 0},
		"a gibibyte":                  {"1073741824\n", 966367638},
		"something else":              {"", 0},
		"a limit that is none at all": {"0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := memoryLimit(c.text); got != c.want || ok != (c.want > 0) {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

func TestTheRuntimesOwnLimitHasPrecedence(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	file := filepath.Join(t.TempDir(), "memory.max")
	if err := os.WriteFile(file, []byte("4000000000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	debug.SetMemoryLimit(math.MaxInt64)
	boundMemory([]string{file}, "1GiB")
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64 {
		t.Errorf("%d though GOMEMLIMIT is set", got)
	}
	boundMemory([]string{file + ".none", file}, "")
	if got := debug.SetMemoryLimit(-1); got != 3_600_000_000 {
		t.Errorf("%d", got)
	}
}

func TestTheCollectorsPercentFollowsWhatIsLive(t *testing.T) {
	for live, want := range map[uint64]int{0: 150, 1 << 20: 150, 170 << 20: 150, 172 << 20: 148, 256 << 20: 100, 1 << 30: 25, 1 << 40: 25} {
		if got := collectPercent(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}
