package window

import "math"

// Tumbling is windows of one size, side by side.
type Tumbling struct {
	// SizeMicros is a window's length, above 0.
	SizeMicros int64
	// OffsetMicros shifts the windows from the epoch; in [0, SizeMicros).
	OffsetMicros int64
}

// Valid says whether size and offset are in their ranges.
func (w Tumbling) Valid() bool {
	return w.SizeMicros > 0 && w.OffsetMicros >= 0 && w.OffsetMicros < w.SizeMicros
}

// At returns the window [start, end) that t falls into. It is not ok when its bounds are beyond what 64 bits hold; they
// are 292 thousand years away from the epoch.
func (w Tumbling) At(t int64) (start, end int64, ok bool) {
	// The remainder of t-offset, computed without leaving the range.
	r := (t%w.SizeMicros - w.OffsetMicros) % w.SizeMicros
	if r < 0 {
		r += w.SizeMicros
	}
	if t < math.MinInt64+r {
		return 0, 0, false
	}
	start = t - r
	if start > math.MaxInt64-w.SizeMicros {
		return 0, 0, false
	}
	return start, start + w.SizeMicros, true
}
