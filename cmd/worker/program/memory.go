package program

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	gometrics "runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// What GOGC is where nobody has set it. Of a small live heap, which the default would collect often, much may be garbage: see
// docs/decisions/0045-memory.md and 0067-two-workers.md. State of gigabytes holds no pointers, and costs the collector nothing; what it would allow
// to be garbage beside it is bounded instead.
const (
	collectAtPercent  = 150
	collectAtLeast    = 25
	mostGarbage       = 256 << 20
	collectorInterval = time.Second
)

// collectPercent returns GOGC for so many live bytes.
func collectPercent(live uint64) int {
	if live <= mostGarbage*100/collectAtPercent {
		return collectAtPercent
	}
	return max(collectAtLeast, int(mostGarbage*100/live))
}

// paceCollector sets GOGC, which is collectAtPercent by now, by what is live, until the context ends.
func paceCollector(ctx context.Context) {
	tick := time.NewTicker(collectorInterval)
	defer tick.Stop()
	sample := []gometrics.Sample{{Name: "/gc/heap/live:bytes"}}
	percent := collectAtPercent
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		gometrics.Read(sample)
		if want := collectPercent(sample[0].Value.Uint64()); want != percent {
			percent = want
			debug.SetGCPercent(percent)
		}
	}
}

// limitFiles hold the container's limit of memory: of control groups version 2, and of version 1.
func limitFiles() []string {
	return []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}
}

// boundMemory makes the garbage collector work harder before the container's limit is reached, where there is one: a
// worker that is over it would be killed. GOMEMLIMIT has precedence, and GOGC works as ever: the runtime reads both.
func boundMemory(files []string, ownLimit string) {
	if ownLimit != "" {
		return
	}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // one of limitFiles
		if err != nil {
			continue // there is no such control group
		}
		if bytes, ok := memoryLimit(string(text)); ok {
			debug.SetMemoryLimit(bytes)
		}
		return
	}
}

// memoryLimit returns what of the container's limit is the Go runtime's; the rest is for the program's text and the
// kernel's buffers.
func memoryLimit(text string) (bytes int64, ok bool) {
	bytes, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	const none = math.MaxInt64 / 8 // version 1 says a number near the largest one where there is no limit
	if err != nil || bytes <= 0 || bytes > none {
		return 0, false
	}
	return bytes / 10 * 9, true
}
