package rows

import "math"

// Expected is what must have come out once all of the input was read: written anew from the definition of windows and
// late rows, with nothing of the engine in it.
type Expected struct {
	// Sums are those of the windows that have ended.
	Sums map[Group]Sum
	// Rows and Late count readings.
	Rows, Late int
}

// Expect computes what must come out of the partitions of the input, each in the order of its offsets.
//
// A reading counts if the end of its window is after the watermark of its own partition just before it; a window has
// ended when the watermarks of all partitions have reached its end.
func Expect(partitions [][]Reading) Expected {
	e := Expected{Sums: map[Group]Sum{}}
	ended := int64(math.MaxInt64)
	for _, readings := range partitions {
		watermark := int64(math.MinInt64)
		for _, r := range readings {
			e.Rows++
			g := Group{r.Sensor, window(r.TakenAt)}
			if g.WindowStart+WindowMillis > watermark {
				s := e.Sums[g]
				e.Sums[g] = Sum{s.Readings + 1, s.Total + r.Value}
			} else {
				e.Late++
			}
			watermark = max(watermark, r.TakenAt-DisorderMillis)
		}
		ended = min(ended, watermark)
	}
	for g := range e.Sums {
		if g.WindowStart+WindowMillis > ended {
			delete(e.Sums, g)
		}
	}
	return e
}
