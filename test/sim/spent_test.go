package sim

import (
	"context"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/control"
)

// TestAWorkerSaysWhatItDoesWithItsTime lets each end of a transaction take a tenth of a second, while rows come and then no
// more. In fake time nothing else takes any, so the rest is idle.
func TestAWorkerSaysWhatItDoesWithItsTime(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		const takes = 100 * time.Millisecond
		s.slowEnds(takes)
		w := s.worker(t, job())
		ctx, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		for w.Snapshot().Phase != control.Running || len(w.Snapshot().Tasks) < 2*partitions {
			sleep(ctx, 10*time.Millisecond)
		}
		begin, before := time.Now(), w.Snapshot()
		if err := newWorkload(1).feed(ctx, s.client, 1); err != nil {
			t.Error(err)
		}
		sleep(ctx, 20*time.Second)
		after := w.Snapshot()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		spent, took := after.Spent.Minus(before.Spent), time.Since(begin).Seconds()
		commits := float64(after.Commits-before.Commits) * takes.Seconds()
		if d := spent.Whole() - took; d < -0.5 || d > 0.5 {
			t.Errorf("%+v makes %.1f s of %.1f s", spent, spent.Whole(), took)
		}
		if commits == 0 || spent.Commit < 0.999*commits || spent.Commit > 2*commits || spent.Idle < took/3 || spent.Busy > 0.1 {
			t.Errorf("%+v; commits took %.1f s at least", spent, commits)
		}
		for i := range after.Tasks {
			judgeTask(t, before.Tasks[i], after.Tasks[i], took)
		}
		if after.Shares.Idle < 0.9 {
			t.Errorf("there is nothing to do, and the shares are %+v", after.Shares)
		}
	})
}

// judgeTask wants the parts of a task's time to make up the whole, and most of it to be idle.
func judgeTask(t *testing.T, before, after control.Task, took float64) {
	t.Helper()
	busy, pressed := after.BusySeconds-before.BusySeconds, after.BackpressureSeconds-before.BackpressureSeconds
	idle, held := after.IdleSeconds-before.IdleSeconds, after.HeldSeconds-before.HeldSeconds
	if d := busy + pressed + idle + held - took; before.ID != after.ID || d < -0.5 || d > 0.5 {
		t.Errorf("%s: busy %.2f, in backpressure %.2f, idle %.2f and held %.2f make %.2f s of %.2f s", after.ID, busy, pressed, idle, held, took+d, took)
	}
	if held != 0 || busy > 0.1 || idle < took/3 {
		t.Errorf("%s: busy %.2f, in backpressure %.2f, idle %.2f, held %.2f", after.ID, busy, pressed, idle, held)
	}
}
