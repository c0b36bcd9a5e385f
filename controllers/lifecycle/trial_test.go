package lifecycle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

const trialSavepoint = "j-trial-aaaaaa"

// wantsTrial lets the spec want trials.
func wantsTrial(o *lifecycle.Observed) {
	o.Job.Spec.Upgrade.Trial = &v1alpha1.Trial{Rows: 100, Timeout: metav1.Duration{Duration: time.Minute}}
	o.Version = "v2"
	o.Job.Status.Runtime.Revision = "v1"
}

// tried is a trial of the plan p2 in the journal, whose workload began ago; below 0 it has not begun.
func tried(ago time.Duration, outcome v1alpha1.TrialOutcome) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		wantsTrial(o)
		t := &v1alpha1.TrialStatus{
			ID: "aaaaaa", Epoch: 2, StartedAt: metav1.NewTime(o.Now), Savepoint: trialSavepoint, Outcome: outcome,
			Runtime: v1alpha1.RuntimeStatus{Image: "w:1", PlanHash: "p2", StateHash: o.Plan.StateHash, Revision: "v2"},
		}
		if ago >= 0 {
			deadline := metav1.NewTime(o.Now.Add(time.Minute - ago))
			t.Deadline, t.Runtime.RestoreFrom = &deadline, "sp"
		}
		if outcome != "" {
			at := metav1.NewTime(o.Now)
			t.EndedAt = &at
		}
		o.Job.Status.Trial, o.Job.Status.Phase, o.Job.Status.UpdateRevision = t, v1alpha1.PhaseTrial, "v2"
	}
}

func saved(phase v1alpha1.SavepointPhase) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		r := v1alpha1.StreamSavepoint{ObjectMeta: metav1.ObjectMeta{Name: trialSavepoint}}
		r.Spec.Origin, r.Status.Phase, r.Status.ID = v1alpha1.OriginTrial, phase, "sp"
		r.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Message: "the bucket is not there"}}
		o.Records.List = append(o.Records.List, r)
	}
}

func work(state lifecycle.TrialState, message string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		o.Trial = &lifecycle.TrialWork{State: state, Message: message, Pods: state == lifecycle.TrialAtWork}
	}
}

func commits(c lifecycle.Commits) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Trial.Commits = c }
}

func samePlan(o *lifecycle.Observed) { o.Plan.Hash = "p2" }

func TestATrialComesBeforeAVersionTakesOver(t *testing.T) {
	const goesOn = "apply the workload 1/1 x2 w:1; "
	const under = "Trial epoch 1 (Trial) trial aaaaaa"
	const over = time.Minute
	cases := map[string]struct {
		world *lifecycle.Observed
		want  string
	}{
		"a plan with other state is tried first, and nothing is done before that is written": {
			world(epoch(1), stateful, otherState, wantsTrial), "record the version; " + goesOn + "Trial epoch 1 (Trial) trial ",
		},
		"so is one with the same state": {
			world(epoch(1), stateful, samePlan, wantsTrial), "record the version; " + goesOn + "Trial epoch 1 (Trial) trial ",
		},
		"a plan that runs is not tried":      {world(epoch(1), stateful, wantsTrial, ready, versionRuns), goesOn + "Running epoch 1 Ready (Ready)"},
		"nor one that can't take state over": {world(epoch(1), stateful, otherState, wantsTrial, func(o *lifecycle.Observed) { o.Misfit = "why" }), goesOn + "Running epoch 1 Stalled by StateChanged (StateChanged)"},
		"where no worker works the version takes over at once": {
			world(epoch(1), stateful, samePlan, wantsTrial, func(o *lifecycle.Observed) { o.Pods[0].Ready, o.Pods[1].Ready = false, false }),
			"store the plan 2; record the version; Fencing epoch 1 attempt 2 Fencing (TrialSkipped)",
		},
		"the savepoint is asked for":              {world(epoch(1), stateful, otherState, tried(-1, "")), "record a savepoint; " + goesOn + under},
		"and waited for":                          {world(epoch(1), stateful, otherState, tried(-1, ""), saved(v1alpha1.SavepointInProgress)), goesOn + under},
		"the trial begins from it":                {world(epoch(1), stateful, otherState, tried(-1, ""), saved(v1alpha1.SavepointCompleted)), "begin a trial aaaaaa of 2 restores sp; " + goesOn + under},
		"a savepoint that fails ends it":          {world(epoch(1), stateful, otherState, tried(-1, ""), saved(v1alpha1.SavepointFailed)), "note the end of a version; " + goesOn + "Running epoch 1 Stalled by TrialFailed (TrialFailed) trial aaaaaa Failed"},
		"so does one that does not come":          {world(epoch(1), stateful, otherState, tried(-1, ""), later, saved(v1alpha1.SavepointPending)), "note the end of a version; " + goesOn + "Running epoch 1 Stalled by TrialFailed (TrialFailed) trial aaaaaa Failed"},
		"it works":                                {world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialAtWork, "")), goesOn + under},
		"one whose work was deleted begins again": {world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialAbsent, "")), "begin a trial aaaaaa of 2 restores sp; " + goesOn + under},
		"one whose work is refused has failed": {
			world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialAbsent, ""), func(o *lifecycle.Observed) { o.Job.Status.Trial.Message = "exceeded quota" }),
			"note the end of a version; " + goesOn + "Running epoch 1 Stalled by TrialFailed (TrialFailed) trial aaaaaa Failed",
		},
		"what it is for begins once it has passed": {
			world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialDone, "")), "store the plan 2; record the version; Savepointing epoch 1 attempt 2 Savepointing (Savepointing) trial aaaaaa Passed",
		},
		"with the same state, too": {
			world(epoch(1), stateful, samePlan, tried(0, ""), work(lifecycle.TrialDone, "")), "store the plan 2; record the version; Fencing epoch 1 attempt 2 Fencing (Fencing) trial aaaaaa Passed",
		},
		"one that fails leaves the job as it is": {
			world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialBroken, "its words")), "note the end of a version; " + goesOn + "Running epoch 1 Stalled by TrialFailed (TrialFailed) trial aaaaaa Failed",
		},
		"one that is not through in time has passed where it has worked": {
			world(epoch(1), stateful, otherState, tried(over, ""), work(lifecycle.TrialAtWork, ""), commits(lifecycle.CommitsSome)),
			"store the plan 2; record the version; Savepointing epoch 1 attempt 2 Savepointing (Savepointing) trial aaaaaa Passed",
		},
		"and has failed where it has not": {
			world(epoch(1), stateful, otherState, tried(over, ""), work(lifecycle.TrialAtWork, ""), commits(lifecycle.CommitsNone)),
			"note the end of a version; " + goesOn + "Running epoch 1 Stalled by TrialFailed (TrialFailed) trial aaaaaa Failed",
		},
		"while nobody knows it is waited for": {
			world(epoch(1), stateful, otherState, tried(over, ""), work(lifecycle.TrialAtWork, "")), goesOn + under,
		},
		"one that failed is not tried again": {
			world(epoch(1), stateful, samePlan, wantsTrial, lastFailed), goesOn + "Running epoch 1 Stalled by TrialFailed (TrialFailed)",
		},
		"the query set back takes it back": {
			world(epoch(1), stateful, tried(0, ""), work(lifecycle.TrialAtWork, ""), versionRuns), "note the end of a version; record the version; " + goesOn + "Running epoch 1 Ready (Ready) trial aaaaaa GivenUp",
		},
		"so does a newer one, which is tried when the former is tidied up": {
			world(epoch(1), stateful, tried(0, ""), work(lifecycle.TrialAtWork, ""), func(o *lifecycle.Observed) { o.Plan.Hash, o.Version = "p3", "v3" }),
			"note the end of a version; " + goesOn + "Running epoch 1 (Trial) trial aaaaaa GivenUp",
		},
		"and a job that is to stop": {
			world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialAtWork, ""), func(o *lifecycle.Observed) { o.Job.Spec.Suspend = true }),
			"note the end of a version; Savepointing epoch 1 attempt 2 Savepointing (Savepointing) trial aaaaaa GivenUp",
		},
		"what is over is deleted, on Kafka not before its pod has ended": {
			world(epoch(1), stateful, otherState, tried(0, v1alpha1.TrialFailed), lastFailed, work(lifecycle.TrialAtWork, "")),
			goesOn + "stop a trial; Running epoch 1 Stalled by TrialFailed (TrialFailed) trial aaaaaa Failed",
		},
		"or its time is over": {
			world(epoch(1), stateful, otherState, tried(0, v1alpha1.TrialFailed), lastFailed, work(lifecycle.TrialAtWork, ""), later),
			goesOn + "stop a trial; clean up behind a trial aaaaaa of 2; Running epoch 1 Stalled by TrialFailed (TrialFailed)",
		},
		"then all of it": {
			world(epoch(1), stateful, otherState, tried(0, v1alpha1.TrialFailed), lastFailed, work(lifecycle.TrialAbsent, "")),
			goesOn + "stop a trial; clean up behind a trial aaaaaa of 2; Running epoch 1 Stalled by TrialFailed (TrialFailed)",
		},
		"beside the attempt that it was for": {
			world(epoch(1), stateful, otherState, tried(0, v1alpha1.TrialPassed), work(lifecycle.TrialDone, ""), saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked)),
			"stop a trial; clean up behind a trial aaaaaa of 2; Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"a job that is deleted stops it with its workers": {
			world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialAtWork, ""), deleted(0)), "stop former workers 0; stop a trial; Deleting epoch 1 (Deleting) trial aaaaaa",
		},
		"and waits for its pod": {
			world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialAtWork, ""), workersGone, deleted(0)), "stop former workers 0; stop a trial; Deleting epoch 1 (Deleting) trial aaaaaa",
		},
		"a job that is deleted takes it along": {
			world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialAtWork, ""), workersGone, deleted(time.Minute)),
			"stop former workers 0; stop a trial; clean up on Kafka; clean up behind a trial aaaaaa of 2; remove the finalizer; Deleting epoch 1 (Deleting) trial aaaaaa",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := lifecycle.Next(c.world)
			if got := tellTrial(d); !strings.HasPrefix(got, c.want) {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if d.Status.Trial != nil && c.world.Job.DeletionTimestamp.IsZero() && d.RequeueAfter > lifecycle.TrialPollInterval {
				t.Errorf("it is looked at again after %v", d.RequeueAfter)
			}
		})
	}
}

func TestATrialThatFailedSaysWhyAndThatTheJobRuns(t *testing.T) {
	d := lifecycle.Next(world(epoch(1), stateful, otherState, tried(0, ""), work(lifecycle.TrialBroken, "j-trial-aaaaaa-x: it ended with status 2: the words")))
	const want = "epoch 1 goes on with its query: the new version has failed in its trial: j-trial-aaaaaa-x: it ended with status 2: the words. Change the spec to try again"
	for _, name := range []string{v1alpha1.ConditionStalled, v1alpha1.ConditionReady, v1alpha1.ConditionPlanAccepted} {
		if c := meta.FindStatusCondition(d.Status.Conditions, name); c == nil || c.Reason != v1alpha1.ReasonTrialFailed || c.Message != want {
			t.Errorf("%s says %+v", name, c)
		}
	}
	if !meta.IsStatusConditionTrue(d.Status.Conditions, v1alpha1.ConditionJobRunning) {
		t.Error("the job does not run")
	}
	if a := d.Actions[0]; a.Version != "v2" || !strings.HasPrefix(a.Outcome, "TrialFailed: the new version has failed in its trial: ") {
		t.Errorf("the version ends with %+v", a)
	}
}

// While a version is tried, and after it has failed, the workers of the one that runs do not take up its image.
func TestATrialsImageIsNotTheRunningJobs(t *testing.T) {
	other := func(o *lifecycle.Observed) { o.Image, o.Job.Spec.RuntimeVersion = "w:2", "2" }
	for name, o := range map[string]*lifecycle.Observed{
		"before": world(epoch(1), stateful, otherState, wantsTrial, other),
		"while":  world(epoch(1), stateful, otherState, tried(0, ""), other, work(lifecycle.TrialAtWork, "")),
		"after":  world(epoch(1), stateful, otherState, wantsTrial, lastFailed, other),
	} {
		for _, a := range lifecycle.Next(o).Actions {
			if a.Kind == lifecycle.ApplyWorkload && a.Image != "w:1" {
				t.Errorf("%s: the workers have the image %s", name, a.Image)
			}
		}
	}
}

// versionRuns lets the spec ask for what runs.
func versionRuns(o *lifecycle.Observed) {
	o.Version, o.Job.Status.Runtime.Revision = "v1", "v1"
	if o.Job.Status.UpdateRevision == "" {
		o.Job.Status.UpdateRevision = "v1"
	}
}

func lastFailed(o *lifecycle.Observed) {
	o.Job.Status.LastFailure = &v1alpha1.Failure{Generation: 1, Reason: v1alpha1.ReasonTrialFailed, Message: "because"}
}

// tellTrial is tell with what is said of trials.
func tellTrial(d lifecycle.Decision) string {
	text := tell(d)
	for _, a := range d.Actions {
		switch a.Kind {
		case lifecycle.ApplyTrial, lifecycle.EndTrial:
			text = strings.Replace(text, a.Kind.String()+";", fmt.Sprintf("%s %s of %d%s;", a.Kind, a.ID, a.Epoch, tellRestore(a)), 1)
		default:
		}
	}
	if t := d.Status.Trial; t != nil {
		text += strings.TrimRight(fmt.Sprintf(" trial %s %s", t.ID, t.Outcome), " ")
	}
	return text
}
