package watermark

import (
	"time"

	"github.com/millrace/millrace/runtime/types"
)

// Source is the watermark of one source partition: the largest event time so far less the allowed disorder. Make it
// with NewSource; it is a value, and a copy of it is a snapshot to go back to. Not safe for concurrent use.
type Source struct {
	outOfOrderness int64
	idleTimeout    time.Duration
	current        types.Watermark
	idle           bool
	// silentSince is the first Tick at which nothing had come since the last row; zero while rows come.
	silentSince time.Time
}

// NewSource returns the watermark of a partition of which nothing was read. maxOutOfOrderness is in microseconds and
// not negative; an idleTimeout of 0 means never idle.
func NewSource(maxOutOfOrderness int64, idleTimeout time.Duration) Source {
	return Source{outOfOrderness: maxOutOfOrderness, idleTimeout: idleTimeout, current: types.NoWatermark}
}

// Restore goes on from a committed watermark.
func (s *Source) Restore(w types.Watermark, idle bool) {
	s.current, s.idle, s.silentSince = w, idle, time.Time{}
}

// Watermark returns the current watermark.
func (s *Source) Watermark() types.Watermark { return s.current }

// Idle says whether the partition has been declared idle.
func (s *Source) Idle() bool { return s.idle }

// Active says that rows came: an idle partition is active again.
func (s *Source) Active() { s.idle, s.silentSince = false, time.Time{} }

// Observe moves the watermark over rows in order. Rows whose event time is NULL do not move it; nulls may be nil.
func (s *Source) Observe(times []int64, nulls []bool) {
	w := s.current
	for i, t := range times {
		if nulls == nil || !nulls[i] {
			w = max(w, s.after(t))
		}
	}
	s.current = w
}

// ObserveEach is Observe, and appends to dst the watermark just before each row.
func (s *Source) ObserveEach(times []int64, nulls []bool, dst []types.Watermark) []types.Watermark {
	w := s.current
	for i, t := range times {
		dst = append(dst, w)
		if nulls == nil || !nulls[i] {
			w = max(w, s.after(t))
		}
	}
	s.current = w
	return dst
}

// after is the watermark that one row alone would justify. It saturates below EndOfInput, which no row's time may
// claim, and above NoWatermark.
func (s *Source) after(t int64) types.Watermark {
	w := t - s.outOfOrderness
	if w > t { // underflow
		return types.NoWatermark
	}
	return min(types.Watermark(w), types.EndOfInput-1)
}

// IdleDue says that a Tick at now would make the partition idle if it is caught up: the moment to make sure of that.
func (s *Source) IdleDue(now time.Time) bool {
	waits := s.idleTimeout > 0 && !s.idle && s.current != types.EndOfInput && !s.silentSince.IsZero()
	return waits && now.Sub(s.silentSince) >= s.idleTimeout
}

// Tick looks at the clock. caughtUp says that everything the partition is known to hold was read: a partition with a
// backlog is never idle, however slow its reader is. It returns true when the partition becomes idle.
func (s *Source) Tick(now time.Time, caughtUp bool) bool {
	switch {
	case s.idleTimeout <= 0 || s.idle || s.current == types.EndOfInput:
		return false
	case !caughtUp:
		s.silentSince = time.Time{}
		return false
	case s.silentSince.IsZero():
		s.silentSince = now
		return false
	}
	s.idle = now.Sub(s.silentSince) >= s.idleTimeout
	return s.idle
}

// End says that a bounded input was read to its end.
func (s *Source) End() { s.current, s.idle = types.EndOfInput, false }
