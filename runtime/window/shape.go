package window

// Shape is the windows of a query: windows of one size that begin every step (TUMBLE, where the two are equal, and HOP),
// or windows that begin together every size and end step after step (CUMULATE).
type Shape struct {
	// SizeMicros is the length of a window, of CUMULATE of the longest; above 0.
	SizeMicros int64
	// StepMicros is the distance from one window's end to the next; above 0. Of CUMULATE it divides the size.
	StepMicros int64
	// OffsetMicros shifts the windows from the epoch. It is in [0, StepMicros), of CUMULATE in [0, SizeMicros).
	OffsetMicros int64
	// Cumulate says that the windows begin together.
	Cumulate bool
}

// Valid says whether the lengths are in their ranges.
func (s Shape) Valid() bool {
	period := s.StepMicros
	if s.Cumulate {
		period = s.SizeMicros
	}
	return s.SizeMicros > 0 && s.StepMicros > 0 && s.OffsetMicros >= 0 && s.OffsetMicros < period &&
		(!s.Cumulate || s.SizeMicros%s.StepMicros == 0)
}

// At returns the windows that t falls into. It is not ok when their bounds are beyond what 64 bits hold.
func (s Shape) At(t int64) (Run, bool) {
	starts := Tumbling{SizeMicros: s.StepMicros, OffsetMicros: s.OffsetMicros}
	if s.Cumulate {
		starts.SizeMicros = s.SizeMicros
	}
	start, next, ok := starts.At(t)
	if !ok {
		return Run{}, false
	}
	switch {
	case s.Cumulate:
		from := start + (t-start)/s.StepMicros*s.StepMicros
		return Run{From: from, To: from + s.StepMicros, First: from + s.StepMicros, Last: next}, true
	case s.SizeMicros == s.StepMicros:
		return Run{From: start, To: next, First: next, Last: next}, true
	}
	// The ends of windows lie on a grid of the same step, shifted by the size.
	ends := Tumbling{SizeMicros: s.StepMicros, OffsetMicros: s.Ends()}
	ended, first, ok := ends.At(t)
	if !ok || start > maxMicros-s.SizeMicros || first < minMicros+s.SizeMicros {
		return Run{}, false
	}
	return Run{From: max(start, ended), To: min(next, first), First: first, Last: start + s.SizeMicros}, true
}

// Ends returns the offset of the windows' ends, in [0, StepMicros): they are StepMicros apart.
func (s Shape) Ends() int64 {
	return (s.OffsetMicros%s.StepMicros + s.SizeMicros%s.StepMicros) % s.StepMicros
}

// Start returns the start of the window of a run that ends at end.
func (s Shape) Start(r Run, end int64) int64 {
	if s.Cumulate {
		return r.Last - s.SizeMicros
	}
	return end - s.SizeMicros
}

// StartOf returns the start of the window that ends at end, a window's end.
func (s Shape) StartOf(end int64) int64 {
	if !s.Cumulate {
		return end - s.SizeMicros
	}
	start, _, _ := Tumbling{SizeMicros: s.SizeMicros, OffsetMicros: s.OffsetMicros}.At(end - 1) // a window's start is in range
	return start
}
