package report

// Weights is what engines write to internal topics for the same query.
type Weights struct {
	Date    string `json:"date"`
	Machine string `json:"machine"`
	// Load is the machine's load average of the minute before: what else it had to do.
	Load        string   `json:"load"`
	Compression string   `json:"compression"`
	Each        []Weight `json:"each"`
}

// Weight is what one writes, in bytes on the broker's disk a row of the input, which came as Input says.
type Weight struct {
	Query                string `json:"query"`
	Engine               string `json:"engine"`
	Input                string `json:"input"`
	CommitIntervalMillis int64  `json:"commit_interval_ms"`
	// Early says that the engine committed earlier whenever it had caught up.
	Early bool  `json:"early_commits,omitempty"`
	Rows  int64 `json:"rows"`
	// ExchangeBytes are those of the topics that bring rows to their key, ChangelogBytes those of the topics that hold state.
	ExchangeBytes  float64 `json:"exchange_bytes_per_row"`
	ChangelogBytes float64 `json:"changelog_bytes_per_row"`
}

// weights is the part that `make bench-weight` writes.
func (r *Report) weights(p func(string, ...any)) {
	x := r.Weights
	if x == nil {
		return
	}
	p("\n## Bytes of internal topics\n\nWritten by `make bench-weight`: what an engine writes to bring rows to their key and to keep state, in bytes on the broker's disk a row of the input; exactly once,\ncompression %s. Kafka Streams calls the two repartition and changelog topics. A backlog has more rows in a commit, and the same key more often, the faster an engine is.\nMillrace commits earlier than each 100 ms where it has caught up: its results are visible sooner, and each commit has a record of its own for each task with state.\nThe line without early commits has it kept from that (`--max-markers`).\n\n- date: %s\n- machine: %s\n- load average before: %s\n\n", x.Compression, x.Date, x.Machine, x.Load)
	p("| query | input | engine | commits | exchange | changelog | together |\n|---|---|---|---|--:|--:|--:|\n")
	for _, w := range x.Each {
		often := "each"
		if w.Early {
			often = "early, at least each"
		}
		p("| %s | %s | %s | %s %d ms | %.1f | %.1f | %.1f |\n", w.Query, w.Input, r.Titles[w.Engine], often, w.CommitIntervalMillis, w.ExchangeBytes, w.ChangelogBytes, w.ExchangeBytes+w.ChangelogBytes)
	}
}
