package autoscale

import (
	"slices"
	"time"
)

// Record is a change of the number of workers that was decided.
type Record struct {
	// At is when.
	At time.Time
	// From and To are the numbers of workers.
	From, To int
	// Reason is why.
	Reason Reason
	// Rows is how many rows a second the sources read then.
	Rows float64
	// Settled is how long it took until all workers were ready; 0 while they are not.
	Settled time.Duration
	// Ineffective says that it was a rise that brought nothing.
	Ineffective bool
}

// History is the records of a job, oldest first. What a caller keeps of it is bounded by MostRecords.
type History []Record

// MostRecords is how many records there are at the most.
const MostRecords = 10

// Last is the newest record; nil where there is none.
func (h History) Last() *Record {
	if len(h) == 0 {
		return nil
	}
	return &h[len(h)-1]
}

// With appends a record, and drops the oldest ones beyond MostRecords.
func (h History) With(r Record) History {
	h = append(slices.Clip(h), r)
	return h[max(0, len(h)-MostRecords):]
}

// settle notes in the newest record that all its workers are ready.
func (h History) settle(s *Sample) History {
	last := h.Last()
	if last == nil || last.Settled > 0 || s.Ready != last.To || s.Wanted != last.To {
		return h
	}
	h = slices.Clone(h)
	h.Last().Settled = max(time.Second, s.At.Sub(last.At).Round(time.Second))
	return h
}

// ineffective notes in the newest record that it brought nothing.
func (h History) ineffective() History {
	h = slices.Clone(h)
	h.Last().Ineffective = true
	return h
}

// settling is the longest settling time of a rise that is known.
func (h History) settling() time.Duration {
	longest := time.Duration(0)
	for _, r := range h {
		if r.To > r.From && r.From > 0 {
			longest = max(longest, r.Settled)
		}
	}
	if longest == 0 {
		return DefaultSettling
	}
	return min(longest, MaxSettling)
}

// held is until when a job is not given more workers, because the last ones brought nothing.
func (h History) held() time.Time {
	hold := HoldIneffective / 2
	until := time.Time{}
	for _, r := range h {
		switch {
		case r.Ineffective:
			hold = min(2*hold, MaxHold)
			until = r.At.Add(r.Settled).Add(hold)
		case r.To > r.From:
			hold, until = HoldIneffective/2, time.Time{}
		}
	}
	return until
}
