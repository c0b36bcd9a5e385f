package report

import (
	"os"
	"path/filepath"

	"github.com/millrace/millrace/bench/chart"
)

// writeCharts draws one chart a figure: groups of bars by query, one bar an engine.
func (r *Report) writeCharts(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil || len(r.Results) == 0 { //nolint:gosec // it is committed
		return err
	}
	for _, c := range []struct {
		file, title string
		of          func(Result) float64
		label       func(float64) string
	}{
		{"cpu.svg", "Events per CPU-second (more is better)", func(x Result) float64 { return x.EventsPerCPUSecond }, count},
		{"memory.svg", "Peak memory (less is better)", func(x Result) float64 { return float64(x.PeakRSSBytes) }, func(f float64) string { return mebibytes(int64(f)) }},
	} {
		bars := chart.Bars{Title: c.title, Label: c.label, Groups: r.queries()}
		for _, e := range r.engines() {
			s := chart.Series{Name: r.title(e)}
			for _, q := range bars.Groups {
				x, _ := r.find(q, e)
				s.Values = append(s.Values, c.of(x))
			}
			bars.Series = append(bars.Series, s)
		}
		if err := os.WriteFile(filepath.Join(folder, c.file), bars.SVG(), 0o644); err != nil { //nolint:gosec // it is committed
			return err
		}
	}
	return nil
}
