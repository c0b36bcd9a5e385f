package lifecycle_test

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// committed is epoch 2 on probation, whose first commit was seen so long ago; a minute is what it has to work.
func committed(ago time.Duration, changes ...func(*lifecycle.Observed)) *lifecycle.Observed {
	return world(append([]func(*lifecycle.Observed){probation(lifecycle.CommitsSome, true), func(o *lifecycle.Observed) {
		o.Job.Spec.Upgrade.Probation = nil
		at, read, lag := metav1.NewTime(o.Now.Add(-ago)), int64(100), int64(10)
		p := o.Job.Status.Probation
		p.CommittedAt, p.Read, p.Lag = &at, &read, &lag
		o.Job.Status.Phase = v1alpha1.PhaseRunning
		o.PlanBefore = true
		o.Progress = &lifecycle.Progress{ReadRecords: 200, LagRecords: 10}
	}}, changes...)...)
}

// crashed has worker 0 end with an error since the first commit.
func crashed(o *lifecycle.Observed) {
	p := &o.Pods[0]
	p.Ready, p.Restarts, p.FailedAt, p.Failure = false, 1, o.Now, "it ended with status 1: division by zero"
}

func policy(rollback v1alpha1.RollbackPolicy) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Job.Spec.Upgrade.Rollback = rollback }
}

// stuck has read nothing since the first commit, while the lag has grown for long.
func stuck(o *lifecycle.Observed) {
	o.Progress.ReadRecords, o.Progress.LagRecords = 100, 50
	o.Job.Status.Lag = &v1alpha1.Lag{Records: 40, ObservedAt: metav1.NewTime(o.Now.Add(-20 * time.Second))}
}

// isHeld is a job that was stopped at the last commit of epoch 2, under generation 1.
func isHeld(changes ...func(*lifecycle.Observed)) *lifecycle.Observed {
	return committed(time.Second, append([]func(*lifecycle.Observed){workersGone, func(o *lifecycle.Observed) {
		s := &o.Job.Status
		s.Held, s.Phase = &v1alpha1.Held{Generation: 1, Message: "why"}, v1alpha1.PhaseHeld
		o.Commits, o.Progress = lifecycle.CommitsUnknown, nil
	}}, changes...)...)
}

func changed(o *lifecycle.Observed) { o.Job.Generation = 2 }

func asks(hash, state string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Plan.Hash, o.Plan.StateHash = hash, state }
}

func TestANewVersionProvesItself(t *testing.T) {
	const (
		goesOn = "apply the workload 2/2 x2 w:1 restores sp exactly; Running epoch 2 Ready (Ready)"
		waits  = "apply the workload 2/2 x2 w:1 restores sp exactly; Running epoch 2 (WaitingForWorkers)"
		back   = "store the plan 3 from 1; Savepointing epoch 2 attempt 3 Savepointing (Savepointing)"
		holds  = "Fencing epoch 2 attempt 3 Fencing (Held)"
		again  = "store the plan 3 from 1; Fencing epoch 2 attempt 3 Fencing (Replayed)"
		rests  = "Held epoch 2 Stalled by Held (Held)"
	)
	degraded := strings.Replace(waits, "Running", "Degraded", 1)
	saving := func(state lifecycle.SavepointState, changes ...func(*lifecycle.Observed)) *lifecycle.Observed {
		return committed(time.Second, append([]func(*lifecycle.Observed){crashed, saving(v1alpha1.AttemptCarry, state), func(o *lifecycle.Observed) {
			a := o.Job.Status.Attempt
			a.Epoch, a.Runtime.PlanHash, a.Runtime.StateHash, a.Message = 3, "p1", "s1", "why"
		}}, changes...)...)
	}
	cases := map[string]struct {
		world *lifecycle.Observed
		want  string
	}{
		"while the clock goes, what was before is kept":    {committed(59 * time.Second), goesOn},
		"at the end it is written that it has passed":      {committed(61 * time.Second), goesOn},
		"a container that ends with an error fails it":     {committed(time.Second, crashed), back},
		"not one that had ended before the first commit":   {committed(time.Second, crashed, func(o *lifecycle.Observed) { o.Pods[0].FailedAt = o.Now.Add(-2 * time.Second) }), degraded},
		"nor one whose pod goes, as of a node that drains": {committed(time.Second, crashed, func(o *lifecycle.Observed) { o.Pods[0].Terminating = true }), degraded},
		"nor as many as the spec allows":                   {committed(time.Second, crashed, func(o *lifecycle.Observed) { o.Job.Spec.Upgrade.Probation = &v1alpha1.UpgradeProbation{MaxRestarts: 1} }), degraded},
		"restarts of one container are counted": {committed(time.Second, crashed, func(o *lifecycle.Observed) {
			o.Pods[0].Restarts = 2
			o.Job.Spec.Upgrade.Probation = &v1alpha1.UpgradeProbation{MaxRestarts: 1}
		}), back},
		"nothing is decided while the brokers are away": {committed(time.Second, crashed, func(o *lifecycle.Observed) {
			o.Connection = lifecycle.Obstacle{Reason: "BrokersUnreachable", Waiting: true}
		}), degraded},
		"a version that reads nothing though the lag grows": {committed(time.Minute, stuck), back},
		"not before the end":                                {committed(50*time.Second, stuck), goesOn},
		"not where it has read something":                   {committed(time.Minute, stuck, func(o *lifecycle.Observed) { o.Progress.ReadRecords = 101 }), goesOn},
		"not where the lag stands, as that of markers does": {committed(time.Minute, stuck, func(o *lifecycle.Observed) { o.Progress.LagRecords, o.Job.Status.Lag.Records = 10, 10 }), goesOn},
		"not where nothing is known of it":                  {committed(time.Minute, stuck, func(o *lifecycle.Observed) { o.Progress = nil }), goesOn},
		"a lag that has grown by more than the spec allows": {
			committed(time.Minute, func(o *lifecycle.Observed) {
				most := int64(5)
				o.Progress.LagRecords, o.Job.Spec.Upgrade.Probation = 16, &v1alpha1.UpgradeProbation{MaxLagGrowth: &most}
			}), back,
		},
		"workers that are not ready for long after the end": {
			committed(20*time.Minute, func(o *lifecycle.Observed) { o.Pods[0].Ready = false }), back,
		},
		"a spec that asks for another plan goes first": {
			committed(time.Second, crashed, changed, asks("p3", "s3")), "store the plan 3; Savepointing epoch 2 attempt 3 Savepointing (Savepointing)",
		},

		"but not one that is only to be tried":       {committed(time.Second, crashed, changed, asks("p3", "s3"), wantsTrial), "record the version; " + strings.Replace(back, "; S", "; note the end of a version; S", 1)},
		"nor one that has failed there":              {committed(time.Second, crashed, asks("p3", "s2"), wantsTrial, lastFailed), back},
		"Hold stops it at its last commit":           {committed(time.Second, crashed, policy(v1alpha1.RollbackHold)), holds},
		"Replay goes back to the savepoint":          {committed(time.Second, crashed, policy(v1alpha1.RollbackReplay)), again},
		"and holds where the plan before is gone":    {committed(time.Second, crashed, policy(v1alpha1.RollbackReplay), func(o *lifecycle.Observed) { o.PlanBefore = false }), holds},
		"Carry holds where the plan before is gone":  {committed(time.Second, crashed, func(o *lifecycle.Observed) { o.PlanBefore = false }), holds},
		"where it can't take the state over":         {committed(time.Second, crashed, func(o *lifecycle.Observed) { o.MisfitBack = "why" }), holds},
		"where there is no place for savepoints":     {committed(time.Second, crashed, func(o *lifecycle.Observed) { o.Job.Spec.Savepoints = nil }), holds},
		"where its workers write to another place":   {committed(time.Second, crashed, func(o *lifecycle.Observed) { o.Pods[1].Savepoints = "s3://other" }), holds},
		"the savepoint is asked for before all else": {saving(lifecycle.SavepointAbsent), "ask for a savepoint sp of 2; Savepointing epoch 2 attempt 3 Savepointing (Savepointing)"},
		"then the workers that wait for their start are replaced": {
			saving(lifecycle.SavepointAsked, func(o *lifecycle.Observed) { o.Pods[0].BackOff = true }),
			"apply the workload 2/2 x2 w:1 restores sp exactly; delete a pod j-2-0; Savepointing epoch 2 attempt 3 Savepointing (Savepointing)",
		},
		"workers that crash though their sources are held have rows behind an exchange": {
			saving(lifecycle.SavepointAsked, func(o *lifecycle.Observed) {
				o.Now = o.Now.Add(40 * time.Second)
				o.Pods[0].Restarts, o.Pods[0].FailedAt = 2, o.Now
			}), holds,
		},
		"a savepoint that is there leads to the plan before": {saving(lifecycle.SavepointFinished), "record a savepoint; Fencing epoch 2 attempt 3 Fencing (Savepointing)"},
		"one that fails is no way":                           {saving(lifecycle.SavepointFailed), holds},
		"one that is late neither":                           {saving(lifecycle.SavepointAsked, later), holds},
		"a spec that has come to ask for another plan lets the version go on": {
			saving(lifecycle.SavepointAsked, changed, asks("p3", "s3")), "let the job go on sp of 2; stop former workers 2 keep 1; Running epoch 2 (WaitingForWorkers)",
		},
		"the plan before begins from it, and gives up what it lacks": {
			saving(lifecycle.SavepointFinished, func(o *lifecycle.Observed) { o.Job.Status.Attempt.Phase, o.Savepoint = v1alpha1.PhaseDeploying, nil }),
			"create internal topics of 3; apply the workload 3/3 x2 w:1 restores sp exactly; Deploying epoch 3 (WaitingForWorkers)",
		},
		"a job that is being held is fenced, and both plans are kept": {
			committed(time.Second, workersGone, hold),
			"stop former workers 0 keep 2 and 1; fence below 3 to ordinal 1; let the job go on sp of 2; " + rests,
		},
		"then nothing happens":                   {isHeld(), rests},
		"nor when it is to be suspended":         {isHeld(changed, func(o *lifecycle.Observed) { o.Job.Spec.Suspend = true }), rests},
		"a change of the spec lets it try again": {isHeld(changed), "store the plan 3 from 2; Fencing epoch 2 attempt 3 Fencing (Fencing)"},
		"so does the wish":                       {isHeld(func(o *lifecycle.Observed) { o.TryAgain = true }), "store the plan 3 from 2; Fencing epoch 2 attempt 3 Fencing (Fencing)"},
		"the query set back is carried back":     {isHeld(changed, asks("p1", "s1")), back},
		"or replayed":                            {isHeld(changed, asks("p1", "s1"), policy(v1alpha1.RollbackReplay)), again},
		"or refused where the plans do not fit":  {isHeld(changed, asks("p1", "s1"), func(o *lifecycle.Observed) { o.MisfitBack = "why" }), rests},
		"Replay can be asked for afterwards":     {isHeld(changed, policy(v1alpha1.RollbackReplay)), again},
		"a query with the same state goes on":    {isHeld(changed, asks("p3", "s2")), "store the plan 3; Fencing epoch 2 attempt 3 Fencing (Fencing)"},
		"one with other state does by a savepoint": {
			isHeld(changed, asks("p3", "s3")), "store the plan 3; Savepointing epoch 2 attempt 3 Savepointing (Savepointing)",
		},
		"by workers as the spec has them now": {
			isHeld(changed, asks("p3", "s3"), savingHeld, func(o *lifecycle.Observed) {
				o.Job.Spec.CommitInterval, o.Image = metav1.Duration{Duration: time.Second}, "w:2"
			}), "apply the workload 2/2 x2 w:2 restores sp exactly; Savepointing epoch 2 attempt 3 Savepointing (Savepointing)",
		},
		"one that does not compile waits": {isHeld(changed, func(o *lifecycle.Observed) { o.Plan, o.Query = nil, lifecycle.Obstacle{Reason: "InvalidQuery"} }), rests},
		"a job that is held is deleted":   {isHeld(deleted(time.Minute)), "stop former workers 0; clean up on Kafka; remove the finalizer; Deleting epoch 2 (Deleting)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tell(lifecycle.Next(c.world)); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// savingHeld is the attempt of the plan p3 with other state, of a job that is held.
func savingHeld(o *lifecycle.Observed) {
	saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked)(o)
	o.Job.Status.Attempt.Epoch, o.Job.Status.Attempt.Runtime.PlanHash = 3, "p3"
}

// hold is the attempt that stops a job, after a savepoint that came to nothing.
func hold(o *lifecycle.Observed) {
	step(v1alpha1.PhaseFencing, v1alpha1.AttemptHold)(o)
	a := o.Job.Status.Attempt
	a.Epoch, a.Message = 3, "why"
}

func TestTheClockOfAProbationIsInTheJournal(t *testing.T) {
	first := world(probation(lifecycle.CommitsSome, true), func(o *lifecycle.Observed) {
		o.Job.Spec.Upgrade.Probation = nil
		o.Pods[0].Restarts = 3
		o.Progress = &lifecycle.Progress{ReadRecords: 7, LagRecords: 8}
	})
	p := lifecycle.Next(first).Status.Probation
	if p == nil || p.CommittedAt == nil || !p.Until.Equal(&metav1.Time{Time: first.Now.Add(time.Minute)}) || p.Restarts != 3 || *p.Read != 7 || *p.Lag != 8 {
		t.Errorf("the clock begins with %+v", p)
	}

	passed := lifecycle.Next(committed(61*time.Second, func(o *lifecycle.Observed) { o.Job.Status.Probation.Until = &metav1.Time{Time: o.Now} }))
	if p := passed.Status.Probation; p == nil || p.Runtime != nil {
		t.Errorf("what has passed has nowhere to go back to, before anything is deleted: %+v", p)
	}
}

func TestReplaySaysWhatIsReadAgain(t *testing.T) {
	begun := int64(60)
	again := lifecycle.Next(committed(time.Second, crashed, policy(v1alpha1.RollbackReplay), func(o *lifecycle.Observed) { o.Job.Status.Probation.Begun = &begun }))
	a, failure := again.Status.Attempt, again.Status.LastFailure
	if a.Kind != v1alpha1.AttemptReplay || a.Runtime.RestoreFrom != "sp" || a.Runtime.RestoreExactly || a.Runtime.PlanHash != "p1" {
		t.Errorf("Replay begins with %+v", a)
	}
	if failure == nil || failure.Reason != v1alpha1.ReasonRolledBack || !strings.Contains(failure.Message, "140 records that were read since are read again") ||
		!strings.Contains(failure.Message, "division by zero") {
		t.Errorf("Replay says %+v", failure)
	}
}

func TestCarryBeginsFromASavepointOfWhereTheJobStands(t *testing.T) {
	carry := lifecycle.Next(committed(time.Second, crashed)).Status.Attempt
	if carry.Kind != v1alpha1.AttemptCarry || carry.Runtime.RestoreFrom != carry.Savepoint || !carry.Runtime.RestoreExactly || !carry.Runtime.DropRemoved || carry.Runtime.PlanHash != "p1" {
		t.Errorf("Carry begins with %+v", carry)
	}
}

func TestAJobThatIsHeldSaysWhatCanBeDone(t *testing.T) {
	stands := lifecycle.Next(isHeld()).Status
	stalled, ready := meta.FindStatusCondition(stands.Conditions, v1alpha1.ConditionStalled), meta.FindStatusCondition(stands.Conditions, v1alpha1.ConditionReady)
	if stalled == nil || ready == nil {
		t.Fatalf("it says %+v", stands.Conditions)
	}
	if stalled.Message != ready.Message || ready.Status != metav1.ConditionFalse || !strings.Contains(ready.Message, "Set spec.sql back") ||
		!strings.Contains(ready.Message, "kubectl millrace -n ns resume j") || stands.Parallelism.Desired != 0 {
		t.Errorf("a job that is held says %+v, %+v", stalled, ready)
	}
}
