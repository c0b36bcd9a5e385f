package streamjob_test

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
)

// settled is a world whose jobs run.
func settled(t *testing.T, jobs int) (w *world, prefixes []string) {
	t.Helper()
	w = newWorld(t)
	for i := range jobs {
		prefixes = append(prefixes, w.job(fmt.Sprintf("ns-%03d", i)))
	}
	w.run(15*time.Second, nil)
	w.commits(prefixes...)
	w.run(time.Minute, nil)
	for key := range w.due {
		job := &v1alpha1.StreamJob{}
		if err := w.store.Get(t.Context(), key, job); err != nil {
			t.Fatal(err)
		}
		if job.Status.Phase != v1alpha1.PhaseRunning || !meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ConditionReady) {
			t.Fatalf("%s does not run: %+v", job.Name, job.Status)
		}
	}
	w.forget()
	return w, prefixes
}

func TestAnIdleJobIsNotWrittenToAndHardlyRead(t *testing.T) {
	t.Parallel()
	w, _ := settled(t, 1)
	passes := w.run(10*time.Minute, nil)
	t.Logf("%d passes in ten minutes, writes %v, reads past the cache %v", passes, w.writes, w.live)
	if passes == 0 || passes > 61 {
		t.Errorf("%d passes in ten minutes", passes)
	}
	if n := sum(w.writes); n > 1 {
		t.Errorf("%d writes in ten minutes: %v", n, w.writes)
	}
	if n := sum(w.live); n > 1 {
		t.Errorf("%d reads past the cache in ten minutes: %v", n, w.live)
	}
}

func TestABusyJobIsWrittenToTwiceAMinute(t *testing.T) {
	t.Parallel()
	w, prefixes := settled(t, 1)
	i := 0
	w.run(10*time.Minute, func() { // the lag and the watermark's delay are others at each look
		if i++; i%5 == 0 {
			w.produce(1 + i%7)
		}
		if i%8 == 0 {
			w.commits(prefixes...)
		}
	})
	t.Logf("writes in ten minutes %v, reads past the cache %v", w.writes, w.live)
	if n := sum(w.writes); n == 0 || n > 20 {
		t.Errorf("%d writes in ten minutes: %v", n, w.writes)
	}
	if n := sum(w.live); n > 20 {
		t.Errorf("%d reads past the cache in ten minutes: %v", n, w.live)
	}
}

func TestAnOperatorThatRestartsWritesNothing(t *testing.T) {
	t.Parallel()
	const jobs = 100
	w, _ := settled(t, jobs)
	w.start()
	for key := range w.due {
		w.due[key] = w.now
	}
	passes := w.run(time.Minute, nil)
	t.Logf("%d jobs, %d passes in the first minute, writes %v, reads past the cache %v", jobs, passes, w.writes, w.live)
	if n := sum(w.writes); n > 0 {
		t.Errorf("%d writes: %v", n, w.writes)
	}
	if n := sum(w.live); n > jobs {
		t.Errorf("%d reads past the cache for %d jobs: %v", n, jobs, w.live)
	}
	if passes > 7*jobs {
		t.Errorf("%d passes of %d jobs in a minute", passes, jobs)
	}
}
