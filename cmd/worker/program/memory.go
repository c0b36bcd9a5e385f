package program

import (
	"context"
	"math"
	"os"
	"path"
	"runtime/debug"
	gometrics "runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/worker"
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

const (
	// groupsFile says in which control groups this process is.
	groupsFile = "/proc/self/cgroup"
	groupsRoot = "/sys/fs/cgroup"
)

// limitFiles returns the files that may hold a limit of memory for a process of these groups (the text of groupsFile): of its own
// control group and of those around it, of version 2 and of version 1. In a container only the outermost of each are there.
func limitFiles(root, groups string) []string {
	files := []string{}
	add := func(folder, group, name string) {
		for at := path.Clean("/" + group); ; at = path.Dir(at) {
			files = append(files, path.Join(folder, at, name))
			if at == "/" {
				return
			}
		}
	}
	for line := range strings.Lines(groups) {
		number, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, ok := strings.Cut(rest, ":")
		switch {
		case !ok:
		case number == "0" && controllers == "":
			add(root, group, "memory.max")
		case slices.Contains(strings.Split(controllers, ","), "memory"):
			add(path.Join(root, "memory"), group, "memory.limit_in_bytes")
		}
	}
	return files
}

// containersLimit returns the least of the limits that files hold; 0 where there is none.
func containersLimit(files []string) (bytes int64) {
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // one of limitFiles
		if err != nil {
			continue // there is no such control group
		}
		if n, ok := memoryLimit(string(text)); ok && (bytes == 0 || n < bytes) {
			bytes = n
		}
	}
	return bytes
}

// memoryLimit returns the limit that the text of one of limitFiles means.
func memoryLimit(text string) (bytes int64, ok bool) {
	bytes, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	const none = math.MaxInt64 / 8 // version 1 says a number near the largest one where there is no limit
	if err != nil || bytes <= 0 || bytes > none {
		return 0, false
	}
	return bytes, true
}

// besidesRuntime is the least that is left to the program's text, to the kernel's buffers, and to what is allocated while the collector works: its
// limit is a soft one.
const besidesRuntime = 32 << 20

// runtimesPart is what of the container's limit is the Go runtime's.
func runtimesPart(limit int64) int64 { return max(min(limit/10*9, limit-besidesRuntime), limit/2) }

// boundMemory makes the garbage collector work harder before the container's limit is reached, where there is one: a
// worker that is over it would be killed. GOMEMLIMIT has precedence, and GOGC works as ever: the runtime reads both. It returns the
// limit that the worker's state is to keep to, 0 for none.
func boundMemory(limit int64, ownLimit string) int64 {
	if ownLimit == "" {
		if limit > 0 {
			debug.SetMemoryLimit(runtimesPart(limit))
		}
		return limit
	}
	if own := debug.SetMemoryLimit(-1); own < math.MaxInt64 && (limit == 0 || own < limit) {
		return own
	}
	return limit
}

// shares are the parts of a worker's memory that grow with its state, in bytes.
type shares struct {
	// store is for Pebble: its cache and its memtables.
	store int64
	// tables is for all aggregates and sessions of all tasks; 0 bounds each of them by itself.
	tables int64
	// changes is what may be uncommitted of all tasks' state. Each byte of it is there up to five times: in two generations of a view, in a
	// batch and a memtable of Pebble, and on its way to the changelog.
	changes int64
	// sending is what may be on its way to the brokers.
	sending int64
}

const (
	// besidesState is about what a worker takes that has no state: what is loaded of its file, rows on their way, and what the
	// collector has not got to.
	besidesState = 64 << 20
	// The least that anything is given.
	leastStore   = 4 << 20
	leastTables  = 4 << 20
	leastChanges = 1 << 20
	leastSending = 4 << 20
)

// sharesOf divides a limit of memory; 0 is none, and the worker's defaults.
func sharesOf(limit int64) shares {
	if limit <= 0 {
		return shares{store: defaultStateMemory}
	}
	left := max(limit-besidesState, limit/4)
	return shares{
		store: max(left/4, leastStore), tables: max(left/4, leastTables), changes: min(max(left/32, leastChanges), worker.DefaultChangeBytes),
		sending: min(max(left/16, leastSending), kafka.DefaultSendingBytes),
	}
}
