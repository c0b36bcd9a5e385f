package program

import (
	"math"
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
		"a gibibyte":                  {"1073741824\n", 1073741824},
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
	debug.SetMemoryLimit(math.MaxInt64)
	if got := boundMemory(4_000_000_000, "1GiB"); debug.SetMemoryLimit(-1) != math.MaxInt64 || got != 4_000_000_000 {
		t.Errorf("the runtime's is changed to %d though GOMEMLIMIT is set; the state keeps to %d", debug.SetMemoryLimit(-1), got)
	}
	debug.SetMemoryLimit(1 << 30) // as the runtime does for GOMEMLIMIT
	if got := boundMemory(4_000_000_000, "1GiB"); got != 1<<30 {
		t.Errorf("the state keeps to %d", got)
	}
	if got := boundMemory(4_000_000_000, ""); debug.SetMemoryLimit(-1) != 3_600_000_000 || got != 4_000_000_000 {
		t.Errorf("%d, and the state keeps to %d", debug.SetMemoryLimit(-1), got)
	}
}

func TestTheCollectorsPercentFollowsWhatIsLive(t *testing.T) {
	for live, want := range map[uint64]int{0: 150, 1 << 20: 150, 170 << 20: 150, 172 << 20: 148, 256 << 20: 100, 1 << 30: 25, 1 << 40: 25} {
		if got := collectPercent(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}
