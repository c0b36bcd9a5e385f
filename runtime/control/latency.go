package control

import "time"

// latencyBounds are the upper bounds of a Latency's buckets.
const latencyBounds = 15

// Latency counts durations by their length. The zero value has none; it is a value.
type Latency struct {
	// Buckets count durations: each those that are at most as long as the bound of LatencyBounds at its place and longer than the one
	// before, the last one those beyond all bounds.
	Buckets [latencyBounds + 1]int64 `json:"buckets"`
	// Seconds is the sum of all durations.
	Seconds float64 `json:"sumSeconds"`
}

// LatencyBounds are the upper bounds of a Latency's buckets in seconds, from a commit of the shortest interval to a minute: what is beyond is a backlog.
func LatencyBounds() [latencyBounds]float64 {
	return [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
}

// Add counts n durations of the same length. One below zero, which two clocks can make, counts as zero.
func (l *Latency) Add(d time.Duration, n int64) {
	seconds := max(0, d).Seconds()
	bounds, i := LatencyBounds(), 0
	for i < latencyBounds && seconds > bounds[i] {
		i++
	}
	l.Buckets[i] += n
	l.Seconds += seconds * float64(n)
}

// Count is the number of durations.
func (l *Latency) Count() int64 {
	n := int64(0)
	for _, b := range l.Buckets {
		n += b
	}
	return n
}

// Age says how old the input records of a stage were when the commits that cover them were done.
type Age struct {
	// Stage is the stage's id.
	Stage string `json:"stage"`
	// Oldest and Newest count one age for each commit: of the oldest of its records, and of the newest.
	Oldest Latency `json:"oldest"`
	Newest Latency `json:"newest"`
}

// Bytes counts bytes of records before compression: keys, values, headers and what frames them.
type Bytes struct {
	// In are those fetched, of sources and exchanges.
	In int64 `json:"in"`
	// Out are those written to sinks and exchanges, Changelogs those of changelogs.
	Out        int64 `json:"out"`
	Changelogs int64 `json:"changelogs"`
}

// Plus returns the sum.
func (b Bytes) Plus(c Bytes) Bytes {
	return Bytes{b.In + c.In, b.Out + c.Out, b.Changelogs + c.Changelogs}
}
