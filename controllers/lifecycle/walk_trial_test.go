package lifecycle_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// trials is what there is of trials in a walk; the zero value is a walk that has none.
type trials struct {
	// wanted says that the user likes trials.
	wanted bool
	works  map[string]*trialWork                // the workloads of trials, by their ids
	saves  map[string]*v1alpha1.StreamSavepoint // that were made for trials
	names  map[string]bool                      // what trials have on Kafka
	ended  map[v1alpha1.TrialOutcome]int
}

// trialWork is the work of a trial.
type trialWork struct {
	plan    string
	state   lifecycle.TrialState
	commits lifecycle.Commits
}

// toggle lets the user change what the spec says of trials.
func (w *walked) toggle(spec *v1alpha1.StreamJobSpec) bool {
	if !w.wanted || w.r.IntN(12) > 0 {
		return false
	}
	if spec.Upgrade.Trial != nil {
		spec.Upgrade.Trial = nil
		return true
	}
	spec.Upgrade.Trial = &v1alpha1.Trial{Rows: 10, Timeout: metav1.Duration{Duration: time.Minute}}
	return true
}

// observeTrial is what the operator sees of trials. What it has in its cache of savepoints may be of before.
func (w *walked) observeTrial(o *lifecycle.Observed, away bool) {
	for _, s := range w.saves {
		if w.r.IntN(10) > 0 {
			o.Records.List = append(o.Records.List, *s.DeepCopy())
		}
	}
	t := w.job.Status.Trial
	if t == nil || t.Deadline == nil && t.Outcome == "" {
		return
	}
	o.Trial = &lifecycle.TrialWork{}
	if work := w.works[t.ID]; work != nil {
		o.Trial.State, o.Trial.Pods = work.state, work.state == lifecycle.TrialAtWork
		if !away && t.Deadline != nil && !w.now.Before(t.Deadline.Time) {
			o.Trial.Commits = work.commits
		}
	}
}

func (w *walked) keepRecord(r *lifecycle.NewRecord) {
	if r.Origin != v1alpha1.OriginTrial || w.saves[r.Name] != nil {
		return
	}
	s := &v1alpha1.StreamSavepoint{ObjectMeta: metav1.ObjectMeta{Name: r.Name}}
	s.Spec.Origin, s.Spec.DeletionPolicy, s.Status.ID = r.Origin, r.Policy, "sp-"+r.Name
	w.saves[r.Name] = s
}

// doTrial is the operator's hands on a trial.
func (w *walked) doTrial(a lifecycle.Action) error {
	t := w.job.Status.Trial
	if t == nil || t.ID != a.ID {
		return fmt.Errorf("the trial %s is not in the journal", a.ID)
	}
	over := t.Outcome != ""
	switch a.Kind {
	case lifecycle.ApplyTrial:
		s := w.saves[t.Savepoint]
		switch {
		case over:
			return errors.New("a trial that is over begins")
		case t.Savepoint != "" && (s == nil || s.Status.Phase != v1alpha1.SavepointCompleted || a.RestoreFrom != s.Status.ID):
			return fmt.Errorf("a trial begins from a savepoint that is not there: %s", a.RestoreFrom)
		case !w.recorded["v-"+t.Runtime.PlanHash]:
			return fmt.Errorf("the plan %s is tried, and its version is not in the history", t.Runtime.PlanHash)
		}
		if w.works[a.ID] == nil {
			w.works[a.ID], w.names[a.ID] = &trialWork{plan: t.Runtime.PlanHash, state: lifecycle.TrialAtWork, commits: lifecycle.CommitsNone}, true
		}
	case lifecycle.StopTrial:
		if !over {
			return errors.New("a trial is stopped that is not over")
		}
		delete(w.works, a.ID)
		delete(w.saves, a.Name)
	case lifecycle.EndTrial:
		if !over {
			return errors.New("what a trial has on Kafka is deleted before it is over")
		}
		delete(w.names, a.ID)
	default:
	}
	return nil
}

// turnTrials lets the jobs of trials, and those who make savepoints, do something.
func (w *walked) turnTrials() {
	for _, s := range w.saves {
		if s.Status.Phase != v1alpha1.SavepointCompleted && s.Status.Phase != v1alpha1.SavepointFailed && w.r.IntN(3) == 0 {
			s.Status.Phase = v1alpha1.SavepointCompleted
			if w.r.IntN(8) == 0 {
				s.Status.Phase = v1alpha1.SavepointFailed
			}
		}
	}
	for _, work := range w.works {
		if work.state != lifecycle.TrialAtWork {
			continue
		}
		switch bad := plans[work.plan].broken; {
		case w.r.IntN(20) == 0, bad && w.r.IntN(4) == 0:
			work.state = lifecycle.TrialBroken
		case bad:
		case w.r.IntN(4) == 0:
			work.commits = lifecycle.CommitsSome
		case w.r.IntN(8) == 0:
			work.state = lifecycle.TrialDone
		}
	}
}

// proven is whether a version that takes over has passed its trial, where the spec asks for one.
func (w *walked) proven(next *v1alpha1.StreamJobStatus) error {
	before := &w.job.Status
	w.tally(before.Trial, next.Trial)
	a := next.Attempt
	if w.job.Spec.Upgrade.Trial == nil || before.Suspended != nil || before.Held != nil || before.Attempt != nil || a == nil || a.Kind != v1alpha1.AttemptNewPlan && a.Kind != v1alpha1.AttemptNewState {
		return nil
	}
	c := meta.FindStatusCondition(next.Conditions, v1alpha1.ConditionReady)
	if c != nil && c.Reason == v1alpha1.ReasonTrialSkipped {
		return nil
	}
	if t := next.Trial; t == nil || t.Outcome != v1alpha1.TrialPassed || t.Runtime.PlanHash != a.Runtime.PlanHash {
		return fmt.Errorf("the plan %s takes over, and has not passed a trial: %+v", a.Runtime.PlanHash, t)
	}
	if plans[a.Runtime.PlanHash].broken {
		return fmt.Errorf("the plan %s takes over, which does not work", a.Runtime.PlanHash)
	}
	return nil
}

// tally counts what trials come to.
func (w *walked) tally(before, next *v1alpha1.TrialStatus) {
	if next != nil && next.Outcome != "" && (before == nil || before.Outcome == "") {
		w.ended[next.Outcome]++
	}
}

// tidied is whether nothing is left of trials.
func (w *walked) tidied() error {
	if len(w.works)+len(w.saves)+len(w.names) > 0 {
		return fmt.Errorf("of trials are left %v, %v, %v", w.works, w.saves, w.names)
	}
	return nil
}

// As TestEveryWalkEndsWell, with trials that pass, fail, hang, and are taken back: no version takes over that has not passed where the spec asks for it, none
// that does not work, and nothing is left behind.
func TestEveryWalkWithTrialsEndsWell(t *testing.T) {
	const seeds = 250
	ends, outcomes := map[string]int{}, map[v1alpha1.TrialOutcome]int{}
	for seed := range uint64(seeds) {
		w := newWalk(1000 + seed)
		w.trials = trials{wanted: true, works: map[string]*trialWork{}, saves: map[string]*v1alpha1.StreamSavepoint{}, names: map[string]bool{}, ended: outcomes}
		w.job.Spec.Upgrade.Trial = &v1alpha1.Trial{Rows: 10, Timeout: metav1.Duration{Duration: time.Minute}}
		w.r = rand.New(rand.NewPCG(seed, 7))
		w.reckless = seed%4 == 3
		ends[w.end(t, seed)]++
	}
	t.Log(ends, outcomes)
	for _, want := range []string{"Running", "Suspended", "Running TrialFailed", "Running StateChanged"} {
		if ends[want] == 0 {
			t.Errorf("no walk ends in %s", want)
		}
	}
	for _, want := range []v1alpha1.TrialOutcome{v1alpha1.TrialPassed, v1alpha1.TrialFailed, v1alpha1.TrialGivenUp} {
		if outcomes[want] == 0 {
			t.Errorf("no trial has %s", want)
		}
	}
}
