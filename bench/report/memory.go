package report

import "slices"

// Memory is a worker under a limit of memory, with so many keys in its state.
type Memory struct {
	Date    string `json:"date"`
	Machine string `json:"machine"`
	Load    string `json:"load"`
	Keys    int64  `json:"keys"`
	Rows    int64  `json:"rows"`
	// LimitBytes is the limit, and Enforced says that a control group had it; else it was GOMEMLIMIT, and resident memory was looked at.
	LimitBytes int64 `json:"limit_bytes"`
	Enforced   bool  `json:"enforced"`
	// Seconds count from the process's start until all rows were committed; CPUSeconds are the process's until then.
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	// FireSeconds is how long the window took to be written that all keys were in.
	FireSeconds float64 `json:"fire_seconds"`
	// PeakRSSBytes is the process's, AnonymousBytes the most of the group without pages of files, GroupPeakBytes with them.
	PeakRSSBytes   int64 `json:"peak_rss_bytes"`
	AnonymousBytes int64 `json:"anonymous_bytes"`
	GroupPeakBytes int64 `json:"group_peak_bytes"`
	// StateBytes are on the worker's disk, ChangelogBytes on the broker, when all rows were committed.
	StateBytes     int64 `json:"state_bytes"`
	ChangelogBytes int64 `json:"changelog_bytes"`
}

// Remember puts a run in the place of the one with as many keys and as much memory.
func (r *Report) Remember(m Memory) {
	r.Memories = append(slices.DeleteFunc(r.Memories, func(old Memory) bool { return old.Keys == m.Keys && old.LimitBytes == m.LimitBytes }), m)
	slices.SortFunc(r.Memories, func(a, b Memory) int { return int(a.Keys - b.Keys) })
}

// memories is the part that `make bench-memory` writes.
func (r *Report) memories(p func(string, ...any)) {
	if len(r.Memories) == 0 {
		return
	}
	p("\n## More keys than memory\n\nWritten by `make bench-memory`: one worker of Millrace, state in Pebble, exactly once, a count by key in a window in which all keys are at once. Each key\n")
	p("comes once, then one in ten again. The worker runs under a limit of memory, was not killed, and what the window came to was read back and is right. The peak of a\n")
	p("control group has pages of files in it, which the kernel takes back when it needs them: it is the limit where state is larger.\n\n")
	p("| keys | limit | rows/s | CPU a row | peak RSS | without pages of files | control group's peak | state on disk | changelog | window written in | date, load before | machine |\n")
	p("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|---|\n")
	for _, m := range r.Memories {
		anonymous, group := mebibytes(m.AnonymousBytes), mebibytes(m.GroupPeakBytes)
		if !m.Enforced {
			anonymous, group = "–", "none; GOMEMLIMIT"
		}
		p("| %s | %s | %s | %.1f µs | %s | %s | %s | %s | %s | %.0f s | %s, %s | %s |\n", step(m.Keys), mebibytes(m.LimitBytes), count(float64(m.Rows)/m.Seconds),
			m.CPUSeconds/float64(m.Rows)*1e6, mebibytes(m.PeakRSSBytes), anonymous, group, mebibytes(m.StateBytes), mebibytes(m.ChangelogBytes), m.FireSeconds, m.Date, m.Load, m.Machine)
	}
}
