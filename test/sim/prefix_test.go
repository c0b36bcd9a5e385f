package sim

import (
	"fmt"

	"github.com/millrace/millrace/runtime/types"
)

// partitionRows are the rows of a partition, in the order of its offsets.
func (w *workload) partitionRows(p int) (rows []row) {
	for s := range w.rows {
		rows = append(rows, w.rows[s][p]...)
	}
	return rows
}

// countsOf says what the windows hold when only these rows of the input were read: which of them are late depends on
// those before them in their partition that were read, too.
func (w *workload) countsOf(read map[int64]int) map[string]int64 {
	counts := map[string]int64{}
	size := windowSize.Milliseconds()
	for p := range partitions {
		watermark := int64(types.NoWatermark)
		for _, r := range w.partitionRows(p) {
			if read[r.ID] == 0 {
				continue
			}
			if start := r.TS / size * size; start+size > watermark {
				counts[result{K: r.K, Start: start}.window()]++
			}
			watermark = max(watermark, r.TS-outOfOrder.Milliseconds())
		}
	}
	return counts
}

// wrongFor is empty when the rows that came out came once, and each window that they are in fired once, with all of them.
// Unfired says that a window may not have fired yet.
func (w *workload) wrongFor(o *output, unfired func(window string) bool) string {
	wrong, example := 0, ""
	note := func(format string, args ...any) {
		wrong++
		example = fmt.Sprintf(format, args...)
	}
	for id, n := range o.copies {
		if n != 1 {
			note("row %d is there %d times", id, n)
		}
	}
	want := w.countsOf(o.copies)
	for window, n := range want {
		if got := o.counts[window]; (len(got) != 1 || got[0] != n) && (len(got) > 0 || !unfired(window)) {
			note("window %s: %v for %d", window, got, n)
		}
	}
	for window, got := range o.counts {
		if _, ok := want[window]; !ok {
			note("window %s: %v, and nobody asked for it", window, got)
		}
	}
	if wrong == 0 {
		return ""
	}
	return fmt.Sprintf("%d wrong, such as: %s", wrong, example)
}
