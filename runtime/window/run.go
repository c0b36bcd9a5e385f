package window

import "math"

const (
	minMicros = math.MinInt64
	maxMicros = math.MaxInt64
)

// Run is the windows that a point in time falls into. Their ends are First, First+step, … up to Last; with First above
// Last there is none, in the gap between windows that begin further apart than they are long. All of the slice of time
// [From, To), and nothing beside it, falls into the same windows.
type Run struct {
	From, To    int64
	First, Last int64
}

// After leaves out the windows that end at or before w, and says whether one is left.
func (r Run) After(w, step int64) (Run, bool) {
	switch {
	case r.First > w:
	case r.Last <= w:
		return r, false
	default:
		r.First += ((w-r.First)/step + 1) * step // no farther than to Last
	}
	return r, r.First <= r.Last
}
