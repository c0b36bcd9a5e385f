package measure

import (
	"sync"
	"time"
)

// Silences finds the longest time for which each of several things was not heard of. It is safe for concurrent use.
type Silences struct {
	mu      sync.Mutex
	last    map[string]time.Time
	longest map[string]time.Duration
}

// NewSilences returns silences of things that are not known yet.
func NewSilences() *Silences {
	return &Silences{last: map[string]time.Time{}, longest: map[string]time.Duration{}}
}

// Heard notes that something was heard of.
func (s *Silences) Heard(name string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, known := s.last[name]; known {
		s.longest[name] = max(s.longest[name], now.Sub(last))
	}
	s.last[name] = now
}

// Begin forgets the silences that are over. One that lasts counts whole.
func (s *Silences) Begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.longest)
}

// Longest returns the longest silence of each since Begin. One that lasts counts as far as it has come.
func (s *Silences) Longest(now time.Time) map[string]time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	longest := make(map[string]time.Duration, len(s.last))
	for name, last := range s.last {
		longest[name] = max(s.longest[name], now.Sub(last))
	}
	return longest
}
