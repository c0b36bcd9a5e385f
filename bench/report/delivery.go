package report

import "strconv"

// Deliveries is what each delivery costs at a steady rate.
type Deliveries struct {
	Date    string `json:"date"`
	Machine string `json:"machine"`
	// Load is the machine's load average of the minute before: what else it had to do.
	Load            string     `json:"load"`
	EventsPerSecond int64      `json:"events_per_second"`
	Keys            int64      `json:"keys"`
	Each            []Delivery `json:"each"`
}

// Delivery is what one costs. Rows are those of the input.
type Delivery struct {
	Name string `json:"name"`
	// The nanoseconds are processor time a row of a backlog, which the worker commits every 20 ms.
	WorkerNanos float64 `json:"worker_ns_per_row"`
	BrokerNanos float64 `json:"broker_ns_per_row"`
	P50         float64 `json:"commit_p50_ms"`
	P99         float64 `json:"commit_p99_ms"`
	Commits     int     `json:"commits"`
	BrokerBytes float64 `json:"broker_bytes_per_row"`
	// Requests are those that write or commit, a commit.
	Requests float64 `json:"requests_per_commit"`
}

// deliveries is the part that `make bench-delivery` writes.
func (r *Report) deliveries(p func(string, ...any)) {
	x := r.Deliveries
	if x == nil {
		return
	}
	p("\n## Delivery\n\nWritten by `make bench-delivery`: one worker of Millrace, state of %s keys in Pebble. Processor time is that of a backlog, committed every 20 ms; the rest\nis at %d rows a second, where a worker commits as often as commits take a quarter of its time: more often where they are cheaper. Requests are\nthose that write or commit.\n\n- date: %s\n- machine: %s\n- load average before: %s\n\n",
		step(x.Keys), x.EventsPerSecond, x.Date, x.Machine, x.Load)
	const quiet = 3
	if busy, err := strconv.ParseFloat(x.Load, 64); err == nil && busy > quiet {
		p("The machine was busy with other things: the figures are about each other, and a run on a quiet one is due.\n\n")
	}
	p("| delivery | worker, CPU a row | broker, CPU a row | a commit takes, p50 | p99 | commits seen | requests a commit | on the broker, bytes a row |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, d := range x.Each {
		p("| %s | %.0f ns | %.0f ns | %.1f ms | %.1f ms | %d | %.1f | %.0f |\n", d.Name, d.WorkerNanos, d.BrokerNanos, d.P50, d.P99, d.Commits, d.Requests, d.BrokerBytes)
	}
}
