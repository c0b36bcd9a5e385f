package worker

import (
	"time"

	"github.com/millrace/millrace/runtime/control"
)

// sharesOver is how long a time the shares in the status are about, at least: shorter ones say more of the last batch than
// of the worker.
const sharesOver = 5 * time.Second

// watch tells what a loop does with its time: what is stopped apart, and that the rest is busy. One goroutine uses it.
type watch struct {
	began                      time.Time
	idle, backpressure, commit time.Duration
	sealed                     time.Duration // of commit, what tasks were busy with

	marked time.Time // the shares are about the time since
	mark   control.Spent
	shares control.Shares
}

func newWatch(now time.Time) watch { return watch{began: now, marked: now} }

// spent returns what was done until now.
func (w *watch) spent(now time.Time) control.Spent {
	rest := now.Sub(w.began) - w.idle - w.backpressure - w.commit
	return control.Spent{
		Busy: max(0, rest).Seconds(), Backpressure: w.backpressure.Seconds(), Commit: w.commit.Seconds(), Idle: w.idle.Seconds(),
	}
}

// recent returns the shares of the last time that was long enough.
func (w *watch) recent(now time.Time) control.Shares {
	if now.Sub(w.marked) >= sharesOver {
		spent := w.spent(now)
		w.shares = spent.Minus(w.mark).Shares()
		w.marked, w.mark = now, spent
	}
	return w.shares
}
