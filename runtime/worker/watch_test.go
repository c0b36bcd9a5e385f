package worker

import (
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/control"
)

func TestAWatchTellsTheTimeApart(t *testing.T) {
	begin := time.Unix(1000, 0)
	w := newWatch(begin)
	w.idle, w.commit = 2*time.Second, time.Second
	if got, want := w.recent(begin.Add(4*time.Second)), (control.Shares{}); got != want {
		t.Errorf("after too short a time: %+v", got)
	}
	if got, want := w.spent(begin.Add(10*time.Second)), (control.Spent{Busy: 7, Commit: 1, Idle: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := w.recent(begin.Add(10*time.Second)), (control.Shares{Busy: 0.7, Commit: 0.1, Idle: 0.2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	w.backpressure = 5 * time.Second
	if got, want := w.recent(begin.Add(20*time.Second)), (control.Shares{Busy: 0.5, Backpressure: 0.5}); got != want {
		t.Errorf("the shares are of the last ten seconds: %+v, want %+v", got, want)
	}
	if got, want := w.recent(begin.Add(21*time.Second)), (control.Shares{Busy: 0.5, Backpressure: 0.5}); got != want {
		t.Errorf("they stay until there are new ones: %+v, want %+v", got, want)
	}
}
