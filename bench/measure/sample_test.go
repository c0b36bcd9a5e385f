package measure

import (
	"testing"
	"time"
)

func TestTheWarmHalfBeginsWithTheCommitNearestToTheMiddle(t *testing.T) {
	samples := []sample{
		{at: 1 * time.Second, cpu: 2, brokerCPU: 10},
		{at: 2 * time.Second, cpu: 4, brokerCPU: 11, consumed: 300, output: 300},
		{at: 3 * time.Second, cpu: 5, brokerCPU: 12, consumed: 600, output: 600},
		{at: 4 * time.Second, cpu: 6, brokerCPU: 13, consumed: 1000, output: 1000},
		{at: 9 * time.Second, cpu: 9, brokerCPU: 14, consumed: 1000, output: 1000, done: true},
	}
	whole, warm := windows(samples, 1000)
	if want := (window{events: 1000, cpuSeconds: 6, wall: 4, brokerCPUSeconds: 3, perCPU: 1000.0 / 6, perSeconds: 250}); whole != want {
		t.Errorf("whole run: got %+v, want %+v", whole, want)
	}
	if want := (window{events: 400, cpuSeconds: 1, wall: 1, brokerCPUSeconds: 1, perCPU: 400, perSeconds: 400}); warm != want {
		t.Errorf("warm half: got %+v, want %+v", warm, want)
	}
}

func TestARunThatCommitsOnceHasNoWarmHalf(t *testing.T) {
	samples := []sample{{at: time.Second, cpu: 1}, {at: 2 * time.Second, cpu: 2, consumed: 1000, output: 10}}
	whole, warm := windows(samples, 1000)
	if whole != warm || warm.events != 1000 {
		t.Errorf("whole run %+v, warm half %+v", whole, warm)
	}
}

func TestProgressLinesAreAddedUpHoweverTheyAreCut(t *testing.T) {
	p := &progress{to: discard{}}
	for _, part := range []string{"hello\nprog", "ress 12\nprogress 30", "\nprogress none\nprogress 5"} {
		if _, err := p.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.total(); got != 42 {
		t.Errorf("got %d rows, want 42", got)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
