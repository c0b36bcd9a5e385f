package spec

import (
	"fmt"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/nexmark"
)

// MaxSplits is the largest Nexmark.Splits.
const MaxSplits = 1000

// Nexmark is a source that makes the benchmark's events of one kind. It is part of the plan document.
type Nexmark struct {
	Kind   nexmark.Kind   `json:"kind"`
	Events nexmark.Config `json:"events"`
	// Splits is how many tasks share the stream, each with events and an offset of its own.
	Splits int `json:"splits"`
	// Rate bounds the events of all kinds that are made in a second; 0 makes them as fast as they are taken.
	Rate int64 `json:"rate,omitempty"`
}

// Check refuses, as a User error, what can't run.
func (n Nexmark) Check() error {
	if n.Splits < 1 || n.Splits > MaxSplits {
		return fault.New(fault.User, fault.Place{}, "there are %d splits, and must be 1 to %d", n.Splits, MaxSplits)
	}
	const maxRate = 1_000_000_000
	if n.Rate < 0 || n.Rate > maxRate {
		return fault.New(fault.User, fault.Place{}, "the rate is %d, and must be 1 to %d, or none", n.Rate, maxRate)
	}
	return n.Events.Check()
}

// Topic names the source after all that its offsets depend on: another number of splits is another source.
func (n Nexmark) Topic() string {
	return fmt.Sprintf("nexmark-%s-%d-%s", n.Kind, n.Splits, n.Events.Name())
}
