package worker

import "time"

// longestStretch bounds how far commits are stretched: a transaction lives for ten seconds, and has to be written and ended by then.
const longestStretch = 5 * time.Second

// stretch keeps the markers that a job's transactions leave below a bound. A transaction leaves one in each partition that it has
// written to, so markers grow with workers × partitions × commits, and rows have nothing to do with it. Each worker takes for itself as much
// of the bound as it has of the job's tasks. So the workers need not know of each other: what they take adds up to the bound.
type stretch struct {
	most    float64 // markers a second of the whole job
	touched float64 // partitions that a commit writes to, smoothed; zero before the first
}

// took notes a commit that wrote to so many partitions.
func (s *stretch) took(partitions int) {
	if s.touched == 0 {
		s.touched = float64(partitions)
		return
	}
	s.touched += (float64(partitions) - s.touched) / costWeight
}

// least is the shortest time between two commits of a worker that has so many of the job's tasks.
func (s *stretch) least(tasks, of int) time.Duration {
	if tasks < 1 || of < 1 || s.most <= 0 {
		return 0
	}
	share := min(1, float64(tasks)/float64(of))
	return time.Duration(min(float64(longestStretch), s.touched/(s.most*share)*float64(time.Second)))
}
