package logical

// windowFunction describes the arguments of a window's table function. The first two are always the table and its time.
type windowFunction struct {
	kind WindowKind
	// form is how to write it, for messages.
	form string
	// intervals are the arguments from the third on.
	intervals []windowInterval
}

// windowInterval is an argument that is an interval.
type windowInterval struct {
	// name is what a named argument is called, what how messages call it.
	name, what string
	// optional says that it may be left out, and may be zero or below; the others are lengths above zero.
	optional bool
	// set puts the value in its place.
	set func(w *Window, micros int64)
}

// windowFunctionOf returns the description of a kind that this version can run.
func windowFunctionOf(kind WindowKind) (windowFunction, bool) {
	size := windowInterval{name: "SIZE", what: "the window's size", set: func(w *Window, micros int64) { w.SizeMicros = micros }}
	offset := windowInterval{name: "OFFSET", what: "the window's offset", optional: true, set: func(w *Window, micros int64) { w.OffsetMicros = micros }}
	switch kind {
	case Tumble:
		return windowFunction{kind, tumbleForm, []windowInterval{size, offset}}, true
	case Hop:
		slide := windowInterval{name: "SLIDE", what: "the window's slide", set: setStep}
		return windowFunction{kind, hopForm, []windowInterval{slide, size, offset}}, true
	case Cumulate:
		step := windowInterval{name: "STEP", what: "the window's step", set: setStep}
		return windowFunction{kind, cumulateForm, []windowInterval{step, size, offset}}, true
	case Session:
		gap := windowInterval{name: "GAP", what: "the session's gap", set: func(w *Window, micros int64) { w.SizeMicros = micros }}
		return windowFunction{kind, sessionForm, []windowInterval{gap}}, true
	default:
		return windowFunction{}, false
	}
}

func setStep(w *Window, micros int64) { w.StepMicros = micros }

const (
	hopForm      = "write HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND), slide before size"
	sessionForm  = "write SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '10' MINUTE)"
	cumulateForm = "write CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' DAY), step before size"
)

const tumbleForm = "write TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR), with an offset as a fourth argument where the windows do not start at midnight UTC"
