package report

// Recovery is how long Millrace is away when a worker goes or comes.
type Recovery struct {
	Date    string `json:"date"`
	Machine string `json:"machine"`
	// Load is the machine's load average of the minute before: what else it had to do.
	Load     string    `json:"load"`
	Restarts []Restart `json:"restarts,omitempty"`
	Saves    []Save    `json:"saves,omitempty"`
	Moves    []Move    `json:"moves,omitempty"`
	Commits  []Commit  `json:"commits,omitempty"`
}

// Restart is a worker that was killed and comes back, with so many keys in its state. Seconds count from the process's start
// to its first commit.
type Restart struct {
	Keys            int64   `json:"keys"`
	SecondsWithDisk float64 `json:"seconds_with_disk"`
	SecondsWithout  float64 `json:"seconds_without_disk"`
	// ReplaySeconds is how long the tasks took to open without the disk: reading the changelog back, and little else.
	ReplaySeconds float64 `json:"replay_seconds"`
	// The bytes are what topics hold on the broker after one row of each key.
	ChangelogBytes int64 `json:"changelog_bytes"`
	ExchangeBytes  int64 `json:"exchange_bytes"`
	Runs           int   `json:"runs"`
}

// Save is a job whose state is copied, with so many keys in it.
type Save struct {
	Keys int64 `json:"keys"`
	// SnapshotSeconds is how long tasks took to open whose disk was lost: from snapshots, and the tails of their changelogs.
	SnapshotSeconds float64 `json:"snapshot_restore_seconds"`
	// SaveSeconds is how long a savepoint took while rows came in, and PauseMillis how long a source was held for it. StopSeconds
	// is that of one that stops the job.
	SaveSeconds float64 `json:"savepoint_seconds"`
	PauseMillis float64 `json:"savepoint_pause_ms"`
	StopSeconds float64 `json:"stopping_savepoint_seconds"`
	// BeginSeconds counts from the start of a worker of another job, which begins from the savepoint, until all state is in its
	// changelog and rows are read.
	BeginSeconds float64 `json:"begin_seconds"`
}

// Move is something that happens to the second of two workers, and the longest times for which a read-committed consumer saw
// no row of a source partition: of those that the worker has or had, which move unless it comes back, and of the others, which
// stay. Windows is the same for the results of windows, all together.
type Move struct {
	What    string  `json:"what"`
	Moved   int     `json:"partitions_moved"`
	Of      int     `json:"partitions"`
	Moving  float64 `json:"moved_ms"`
	Staying float64 `json:"stayed_ms"`
	Windows float64 `json:"windows_ms"`
	// TasksMoved are the tasks with state that the second worker has or had, TasksMoving how long one of them did not go on, and
	// TasksStaying one of the others.
	TasksMoved   int     `json:"tasks_moved"`
	TasksMoving  float64 `json:"tasks_moved_ms"`
	TasksStaying float64 `json:"tasks_stayed_ms"`
	// EventsPerSecond is the rate of the input meanwhile.
	EventsPerSecond int64 `json:"events_per_second"`
	// Keys are those in the state, and StateBytes what the worker that stays has on its disk before.
	Keys       int64 `json:"keys"`
	StateBytes int64 `json:"state_bytes"`
}

// Commit is how long commits took at a steady rate.
type Commit struct {
	EventsPerSecond int64   `json:"events_per_second"`
	Keys            int64   `json:"keys"`
	P50             float64 `json:"p50_ms"`
	P99             float64 `json:"p99_ms"`
	Commits         int     `json:"commits"`
	ChangelogBytes  float64 `json:"changelog_bytes_per_row"`
	ExchangeBytes   float64 `json:"exchange_bytes_per_row"`
}

// recovery is the part that `make bench-recovery` writes.
func (r *Report) recovery(p func(string, ...any)) {
	x := r.Recovery
	if x == nil {
		return
	}
	p("\n## Recovery\n\nWritten by `make bench-recovery`: Millrace alone, state in Pebble, exactly once.\n\n- date: %s\n- machine: %s\n- load average before: %s\n", x.Date, x.Machine, x.Load)
	if len(x.Restarts) > 0 {
		p("\n### A worker that was killed\n\nFrom the start of its next process to its first commit, while rows come in; medians. Without its disk it reads the changelog back.\n\n")
		p("| keys in state | with its disk | without its disk | of that, reading back | keys/s | MB/s | changelog, bytes a row of a new key | exchange | runs |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, s := range x.Restarts {
			keys, bytes := float64(s.Keys), float64(s.ChangelogBytes)
			p("| %s | %.2f s | %.2f s | %.2f s | %s | %.0f | %.0f | %.0f | %d |\n", step(s.Keys), s.SecondsWithDisk, s.SecondsWithout, s.ReplaySeconds,
				count(keys/s.ReplaySeconds), bytes/s.ReplaySeconds/1e6, bytes/keys, float64(s.ExchangeBytes)/keys, s.Runs)
		}
	}
	if len(x.Saves) > 0 {
		p("\n### Copies of the state\n\nA disk that is lost, with snapshots: what tasks take to open. Savepoints to a folder, while rows come in: how long they take, how long sources\nare held, and how long another job takes, from its process's start, until it has taken all state over into its own changelog.\n\n")
		p("| keys in state | from snapshots | savepoint | sources held | savepoint that stops | keys/s | begun from it | keys/s |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, s := range x.Saves {
			p("| %s | %.2f s | %.2f s | %s | %.2f s | %s | %.2f s | %s |\n", step(s.Keys), s.SnapshotSeconds, s.SaveSeconds, millis(s.PauseMillis), s.StopSeconds,
				count(float64(s.Keys)/s.StopSeconds), s.BeginSeconds, count(float64(s.Keys)/s.BeginSeconds))
		}
	}
	if len(x.Moves) > 0 {
		first := x.Moves[0]
		p("\n### Tasks that move\n\nThe longest time for which a read-committed consumer saw no row of a source partition, and no result of any window of 100 ms, which needs all partitions; and for which a task\n"+
			"with state did not go on, by the workers' statuses, which are ten a second. %d rows a second, %s keys in the state, %d MB on the disk of the worker that stays.\n\n", first.EventsPerSecond, step(first.Keys), first.StateBytes/1e6)
		p("| what happens | partitions of the second worker | its rows | the other rows | windows | its tasks with state | they | the others |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, m := range x.Moves {
			p("| %s | %d of %d | %s | %s | %s | %d | %s | %s |\n", m.What, m.Moved, m.Of, some(m.Moving), some(m.Staying), millis(m.Windows), m.TasksMoved, some(m.TasksMoving), some(m.TasksStaying))
		}
	}
	if len(x.Commits) > 0 {
		p("\n### Commits\n\n| events/s | keys in state | a commit takes, p50 | p99 | commits seen | changelog, bytes a row | exchange, bytes a row |\n|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, c := range x.Commits {
			p("| %d | %s | %.1f ms | %.1f ms | %d | %.0f | %.0f |\n", c.EventsPerSecond, step(c.Keys), c.P50, c.P99, c.Commits, c.ChangelogBytes, c.ExchangeBytes)
		}
	}
}

// some is a time, or a dash where there was nothing to measure.
func some(ms float64) string {
	if ms == 0 {
		return "–"
	}
	return millis(ms)
}
