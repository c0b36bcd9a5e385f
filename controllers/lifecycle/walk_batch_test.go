package lifecycle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/verdict"
)

// ending is what a walk of a batch job has besides: an input that grows all the time.
type ending struct {
	input int64
	told  int64 // the end that workers were told first; 0 before
	over  bool  // what the job had on Kafka was cleaned up
}

// asBatch makes a walk one of a batch job.
func (w *walked) asBatch() {
	w.batch = &ending{input: 40}
	w.job.Spec.Mode, w.job.Spec.Savepoints = v1alpha1.ModeBatch, nil
}

// observe is what the brokers say of the range.
func (e *ending) observe(w *walked, o *lifecycle.Observed) {
	e.input += w.r.Int64N(4)
	s := &w.job.Status
	switch {
	case s.CompletedAt != nil || s.Attempt != nil || s.Suspended != nil:
	case s.Epoch == 0:
		o.Range = []v1alpha1.SourceRange{{Topic: "in", From: []int64{0}, To: []int64{e.input}}}
	case w.r.IntN(4) > 0: // else it is not known now
		o.Reading = &lifecycle.Reading{Tasks: 1, Left: s.Range[0].To[0] - w.group.offset}
		if o.Reading.Left == 0 {
			o.Reading.Ended = 1
		}
	}
}

// tell is what workers are told when they are deployed.
func (e *ending) tell(w *walked) error {
	s := &w.job.Status
	switch {
	case e.over:
		return errors.New("a job that has ended begins once more")
	case len(s.Range) != 1:
		return errors.New("workers are to be told the ends, and they are not in the journal")
	case e.told > 0 && e.told != s.Range[0].To[0]:
		return fmt.Errorf("the end was %d, and is %d", e.told, s.Range[0].To[0])
	}
	e.told = s.Range[0].To[0]
	return nil
}

// cleanUp is the end of what the job has on Kafka.
func (e *ending) cleanUp(w *walked) error {
	if !e.over && w.group.offset != e.told {
		return fmt.Errorf("it is cleaned up at %d of %d", w.group.offset, e.told)
	}
	if len(w.pods) > 0 {
		return fmt.Errorf("it is cleaned up beside workers of %d epochs", len(w.pods))
	}
	e.over = true
	clear(w.state)
	clear(w.control)
	return nil
}

// settled says whether a batch job has come to an end.
func (e *ending) settled(w *walked) bool {
	s := &w.job.Status
	complete := s.CompletedAt != nil && s.Phase == v1alpha1.PhaseCompleted && e.over && len(w.workloads) == 0
	refused := s.Suspended != nil && verdict.Reason(s.Conditions, v1alpha1.ConditionStalled) == v1alpha1.ReasonBatchBegun
	return s.Attempt == nil && (complete || refused || w.job.Spec.Suspend && s.Phase == v1alpha1.PhaseSuspended)
}

// Whatever the user changes, and wherever the operator dies: a batch job reads to one end, which never moves, is complete when it is there and not
// before, and is not begun again.
func TestEveryWalkOfABatchJobReadsToOneEnd(t *testing.T) {
	const seeds = 250
	ends := map[v1alpha1.JobPhase]int{}
	for seed := range uint64(seeds) {
		w := newWalk(seed)
		w.asBatch()
		if err := w.walk(); err != nil {
			last := w.trace[max(0, len(w.trace)-40):]
			t.Fatalf("seed %d: %v\n%s", seed, err, strings.Join(last, "\n"))
		}
		ends[w.job.Status.Phase]++
	}
	t.Log(ends)
	if ends[v1alpha1.PhaseCompleted] == 0 || ends[v1alpha1.PhaseSuspended] == 0 {
		t.Error("some end was never seen")
	}
}
