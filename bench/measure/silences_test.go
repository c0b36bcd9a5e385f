package measure

import (
	"maps"
	"testing"
	"time"
)

func TestTheLongestSilenceOfEachIsFound(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	s := NewSilences()
	for _, heard := range []struct {
		name string
		at   int
	}{{"a", 0}, {"b", 1}, {"a", 10}, {"b", 2}, {"a", 11}} {
		s.Heard(heard.name, at(heard.at))
	}
	if got, want := s.Longest(at(12)), map[string]time.Duration{"a": 10 * time.Second, "b": 10 * time.Second}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.Begin()
	s.Heard("a", at(13))
	if got, want := s.Longest(at(14)), map[string]time.Duration{"a": 2 * time.Second, "b": 12 * time.Second}; !maps.Equal(got, want) {
		t.Errorf("after the begin: got %v, want %v", got, want)
	}
}
