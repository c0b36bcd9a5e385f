package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Report is what a comparison found; results.json holds it.
type Report struct {
	Date     string    `json:"date"`
	Machine  string    `json:"machine"`
	Command  string    `json:"command"`
	Settings string    `json:"settings"`
	Results  []Result  `json:"results"`
	Latency  []Latency `json:"latency,omitempty"`
	Growths  []Growth  `json:"growths,omitempty"`
	Recovery *Recovery `json:"recovery,omitempty"`
	// Deliveries is nil where `make bench-delivery` was never run.
	Deliveries *Deliveries `json:"deliveries,omitempty"`
	Memories   []Memory    `json:"memories,omitempty"`
	// Weights is nil where `make bench-weight` was never run.
	Weights *Weights `json:"weights,omitempty"`
	// Titles are what engines and queries are called in tables.
	Titles map[string]string `json:"titles"`
}

// Latency is one measurement at a fixed rate.
type Latency struct {
	Query                string `json:"query"`
	Engine               string `json:"engine"`
	CommitIntervalMillis int64  `json:"commit_interval_ms"`
	EventsPerSecond      int64  `json:"events_per_second"`
	// The percentiles are in milliseconds.
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
	P999   float64 `json:"p99_9_ms"`
	Cores  float64 `json:"engine_cores"`
	Rows   int64   `json:"rows"`
	Date   string  `json:"date"`
	Millis int64   `json:"watermark_ms"`
}

// Read reads results.json; a file that does not exist holds an empty report.
func Read(folder string) (*Report, error) {
	r := &Report{Titles: map[string]string{}}
	text, err := os.ReadFile(filepath.Join(folder, "results.json")) //nolint:gosec // the bench's own file
	if os.IsNotExist(err) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	return r, json.Unmarshal(text, r)
}

// Write writes results.json, RESULTS.md and the charts into the folder, and the short table into the README.
func (r *Report) Write(folder, readme string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // it is committed
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "results.json"), append(text, '\n'), 0o644); err != nil { //nolint:gosec // it is committed
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "RESULTS.md"), []byte(r.Markdown()), 0o644); err != nil { //nolint:gosec // it is committed
		return err
	}
	if err := r.writeCharts(filepath.Join(folder, "charts")); err != nil {
		return err
	}
	for _, g := range r.Growths {
		if err := g.draw(filepath.Join(folder, "charts")); err != nil {
			return err
		}
	}
	if readme == "" {
		return nil
	}
	return replaceBetween(readme, "<!-- bench:begin -->", "<!-- bench:end -->", r.Short())
}

// replaceBetween puts text between the markers of a file.
func replaceBetween(path, begin, end, text string) error {
	old, err := os.ReadFile(path) //nolint:gosec // a file of this project
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the table: %s … %s", path, begin, end)
	}
	return os.WriteFile(path, []byte(before+begin+"\n"+text+end+after), 0o644) //nolint:gosec // it is committed
}
