package main

import "fmt"

// verdict is how what came out differs from what should have.
type verdict struct {
	lost, doubled              int64 // rows of the copies
	missing, again, miscounted int64 // windows
	odd                        int64 // rows of either that nobody expects
	examples                   []string
}

const mostExamples = 10

func (v *verdict) example(format string, args ...any) {
	if len(v.examples) < mostExamples {
		v.examples = append(v.examples, fmt.Sprintf(format, args...))
	}
}

// window compares the answer to one window, which is nil where there was none.
func (v *verdict) window(at window, want int64, got *answer) {
	switch {
	case got == nil:
		v.missing++
		v.example("%s has not fired; it has %d rows", at, want)
	case got.times > 1:
		v.again++
		v.example("%s fired %d times, with %d and %d of %d rows", at, got.times, got.first, got.other, want)
	case got.first != want:
		v.miscounted++
		v.example("%s fired with %d of %d rows", at, got.first, want)
	}
}

func (v *verdict) wrong() bool { return v.lost+v.doubled+v.missing+v.again+v.miscounted+v.odd > 0 }

// String counts what is wrong.
func (v *verdict) String() string {
	text := fmt.Sprintf("%d lost, %d doubled", v.lost, v.doubled)
	if v.missing+v.again+v.miscounted+v.odd > 0 {
		text += fmt.Sprintf("; windows: %d missing, %d fired again, %d with another count; %d rows that nobody expects", v.missing, v.again, v.miscounted, v.odd)
	}
	return text
}
