package prom

import "github.com/millrace/millrace/runtime/control"

// kindCount is how often something went wrong in one way.
type kindCount struct {
	kind string
	n    int64
}

// errorsOf sums up what went wrong in a worker. What it counts has counters of its own, too; together they are an error rate.
func errorsOf(s *control.Status) []kindCount {
	return []kindCount{
		{"bad_row", s.Rows.Bad}, {"abort", s.Aborts}, {"restart", s.Restarts}, {"snapshot", s.Snapshots.Failed},
	}
}
