package balance

import "math/bits"

const (
	// MaxStep is the step of a task that keeps a processor busy all the time.
	MaxStep = 7
	// stepsPerProcessor is how many loads of the first step make a busy processor.
	stepsPerProcessor = 1 << (MaxStep - 1)
	// slack is how far a load must be beyond the bounds of a step before the step changes: one part in so many.
	slack = 4
)

// StepOf returns the load of a task, in steps that double, from the part of a processor that it keeps busy. The first is up
// to a sixty-fourth: to have a task costs something even when it does nothing. Before is the step so far, 0 for none: a load
// that goes up and down around a bound changes nothing.
func StepOf(busy float64, before uint8) uint8 {
	step := stepOf(busy)
	switch {
	case before == 0 || step == before:
		return step
	case step > before && stepOf(busy*slack/(slack+1)) > before, step < before && stepOf(busy*(slack+1)/slack) < before:
		return step
	default:
		return before
	}
}

// stepOf returns the step whose upper bound is next to a load.
func stepOf(busy float64) uint8 {
	parts := uint64(max(0, min(busy, 1)) * stepsPerProcessor)
	if float64(parts) < busy*stepsPerProcessor {
		parts++
	}
	return uint8(min(bits.Len64(max(parts, 1)-1)+1, MaxStep)) //nolint:gosec // at most MaxStep
}

// Busy returns the part of a processor that is in the middle of a step.
func Busy(step uint8) float64 { return 0.75 * float64(weight(step)) / stepsPerProcessor }

// weight is what a step counts; 0 for one that is not known.
func weight(step uint8) int {
	if step == 0 {
		return 0
	}
	return 1 << (min(step, MaxStep) - 1)
}

// Differs says that a worker's tasks have become so much busier, or less so, that the group should look again at who has what: their load
// has doubled or halved, by an eighth of a processor at least. Before and now are the steps of the same tasks; one that is not known
// counts as the least.
func Differs(before, now []uint8) bool {
	const least = stepsPerProcessor / 8
	b, n := sum(before), sum(now)
	return n >= 2*b+least || b >= 2*n+least
}

func sum(steps []uint8) (all int) {
	for _, s := range steps {
		all += weight(max(s, 1))
	}
	return all
}
