package lifecycle_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

func TestADeletedJobLeavesASavepointAsItsPolicySays(t *testing.T) {
	type change = func(*lifecycle.Observed)
	leaves := func(policy v1alpha1.LastSavepoint, changes ...change) *lifecycle.Observed {
		o := world(epoch(3), deleted(0))
		o.Job.Spec.Savepoints, o.Job.Spec.Deletion.Savepoint = &v1alpha1.Savepoints{URL: "file:///saves"}, policy
		o.Commands = true
		for n := range o.Pods {
			o.Pods[n].Savepoints = "file:///saves"
		}
		for _, f := range changes {
			f(o)
		}
		return o
	}
	saving := func(kind v1alpha1.AttemptKind, state lifecycle.SavepointState, after time.Duration) change {
		return func(o *lifecycle.Observed) {
			deadline := metav1.NewTime(o.Now.Add(-after).Add(time.Minute))
			o.Job.Status.Attempt = &v1alpha1.Attempt{
				Epoch: 4, Kind: kind, Phase: v1alpha1.PhaseSavepointing, Savepoint: "sp-1", Deadline: &deadline, StartedAt: metav1.NewTime(o.Now), Runtime: *o.Job.Status.Runtime,
			}
			o.Savepoint = &lifecycle.Savepoint{State: state, Reason: "no room"}
		}
	}
	away := func(o *lifecycle.Observed) { o.Connection = blocked("BrokersUnreachable") }
	noPlace := func(o *lifecycle.Observed) { o.Job.Spec.Savepoints = nil }
	failed := func(o *lifecycle.Observed) {
		o.Job.Status.LastFailure = &v1alpha1.Failure{Generation: 1, Reason: v1alpha1.ReasonSavepointFailed, Message: "no room"}
	}
	closed := func(o *lifecycle.Observed) {
		o.Job.Status.Attempt = &v1alpha1.Attempt{Epoch: 4, Kind: v1alpha1.AttemptDelete, Phase: v1alpha1.PhaseFencing, Savepoint: "sp-1", Runtime: *o.Job.Status.Runtime}
	}
	required, possible := v1alpha1.LastRequired, v1alpha1.LastIfPossible
	const (
		goes   = "stop former workers 0; Deleting epoch 3 (Deleting)"
		begins = "Deleting epoch 3 attempt 4 Savepointing (Savepointing)"
		upkeep = "apply the workload 3/1 x2 w:1; "
	)
	cases := map[string]struct {
		world *lifecycle.Observed
		want  string
	}{
		"none without a policy":                  {leaves(""), goes},
		"never":                                  {leaves(v1alpha1.LastNever), goes},
		"it is decided before it is asked":       {leaves(required), begins},
		"also where it is only possible":         {leaves(possible), begins},
		"it is asked":                            {leaves(required, saving(v1alpha1.AttemptDelete, lifecycle.SavepointAbsent, 0)), "ask for a savepoint sp-1 of 1; " + begins},
		"it is waited for":                       {leaves(required, saving(v1alpha1.AttemptDelete, lifecycle.SavepointAsked, 0)), begins},
		"it is recorded, and then the job goes":  {leaves(required, saving(v1alpha1.AttemptDelete, lifecycle.SavepointFinished, time.Hour)), "record a savepoint; Deleting epoch 3 attempt 4 Fencing (Savepointing)"},
		"behind it the job is taken apart":       {leaves(required, closed), "stop former workers 0; Deleting epoch 3 attempt 4 Fencing (Deleting)"},
		"one of an upgrade is as good":           {leaves(required, saving(v1alpha1.AttemptNewState, lifecycle.SavepointFinished, 0)), "record a savepoint; Deleting epoch 3 attempt 4 Fencing (Savepointing)"},
		"one of a suspension, too":               {leaves(required, saving(v1alpha1.AttemptSuspend, lifecycle.SavepointAsked, 0)), begins},
		"required, and it fails":                 {leaves(required, saving(v1alpha1.AttemptDelete, lifecycle.SavepointFailed, 0)), "let the job go on sp-1 of 1; stop former workers 3; Deleting epoch 3 (WaitingForWorkers)"},
		"then the job is kept, and its workers":  {leaves(required, failed), upkeep + "Deleting epoch 3 Stalled by SavepointRequired (SavepointRequired)"},
		"until the spec is another one":          {leaves(required, failed, func(o *lifecycle.Observed) { o.Job.Generation = 2 }), begins},
		"or asks for none":                       {leaves(v1alpha1.LastNever, failed), goes},
		"possible, and it has failed":            {leaves(possible, failed), "Deleting epoch 3 attempt 4 Fencing (SavepointSkipped)"},
		"required, and there is no place":        {leaves(required, noPlace), upkeep + "Deleting epoch 3 Stalled by SavepointRequired (SavepointRequired)"},
		"possible, and there is no place":        {leaves(possible, noPlace), "Deleting epoch 3 attempt 4 Fencing (SavepointSkipped)"},
		"required, and Kafka is away":            {leaves(required, away, deleted(time.Hour)), upkeep + "Deleting epoch 3 (SavepointRequired)"},
		"possible, and Kafka is away":            {leaves(possible, away), upkeep + "Deleting epoch 3 (BrokersUnreachable)"},
		"for long":                               {leaves(possible, away, deleted(time.Hour)), "Deleting epoch 3 attempt 4 Fencing (SavepointSkipped)"},
		"while it is made":                       {leaves(possible, away, saving(v1alpha1.AttemptDelete, 0, 0)), "Deleting epoch 3 attempt 4 Savepointing (BrokersUnreachable)"},
		"and for long":                           {leaves(possible, away, saving(v1alpha1.AttemptDelete, 0, time.Hour)), "Deleting epoch 3 attempt 4 Fencing (SavepointSkipped)"},
		"required, and for long":                 {leaves(required, away, saving(v1alpha1.AttemptDelete, 0, time.Hour)), "Deleting epoch 3 attempt 4 Savepointing (BrokersUnreachable)"},
		"a job at rest stands at one":            {leaves(required, func(o *lifecycle.Observed) { o.Job.Status.Suspended = &v1alpha1.Suspension{Savepoint: "sp-0"} }), goes},
		"a job at rest without one can't be had": {leaves(required, func(o *lifecycle.Observed) { o.Job.Status.Suspended = &v1alpha1.Suspension{} }), "Deleting epoch 3 Stalled by SavepointRequired (SavepointRequired)"},
		"that of a replay is of before what was committed": {
			leaves(required, attempt(4, v1alpha1.PhaseDeploying, v1alpha1.AttemptReplay), func(o *lifecycle.Observed) { o.Job.Status.Attempt.Savepoint = "sp-0" }),
			"create internal topics of 4; apply the workload 4/4 x2 w:1; Deleting epoch 4 (WaitingForWorkers)",
		},
		"an attempt without workers gets them first": {
			leaves(required, attempt(4, v1alpha1.PhaseDeploying, v1alpha1.AttemptNewPlan)), "create internal topics of 1; apply the workload 4/1 x2 w:1; Deleting epoch 4 (WaitingForWorkers)",
		},
		"a namespace that goes takes it along": {leaves(required, func(o *lifecycle.Observed) { o.NamespaceGoes = true }), goes},
		"one that never ran has none":          {leaves(required, func(o *lifecycle.Observed) { o.Job.Status = v1alpha1.StreamJobStatus{} }), "stop former workers 0; Deleting epoch 0 (Deleting)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := lifecycle.Next(c.world)
			if got := tell(d); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if d.RequeueAfter == 0 {
				t.Error("nobody looks again")
			}
		})
	}
}

// However the world is, a job whose savepoint is only to be made if possible goes in the end.
func TestADeletionEndsWhateverHappens(t *testing.T) {
	for _, policy := range []v1alpha1.LastSavepoint{v1alpha1.LastNever, v1alpha1.LastIfPossible} {
		for _, state := range []lifecycle.SavepointState{lifecycle.SavepointAbsent, lifecycle.SavepointBusy, lifecycle.SavepointAsked, lifecycle.SavepointFinished, lifecycle.SavepointFailed} {
			for _, reason := range []string{"", "BrokersUnreachable", v1alpha1.ReasonConnectionMissing} {
				o := world(epoch(3), deleted(0), func(o *lifecycle.Observed) { o.Commands = state != lifecycle.SavepointBusy })
				o.Job.Spec.Savepoints, o.Job.Spec.Deletion.Savepoint = &v1alpha1.Savepoints{URL: "file:///saves"}, policy
				for n := range o.Pods {
					o.Pods[n].Savepoints = "file:///saves"
				}
				begun, gone := o.Now, false
				for !gone && o.Now.Sub(begun) < 2*time.Hour {
					o.Savepoint = &lifecycle.Savepoint{State: state}
					o.Connection = lifecycle.Obstacle{}
					if reason != "" && o.Now.Sub(begun) < 90*time.Minute { // what the job has on Kafka is waited for, as before
						o.Connection = blocked(reason)
					}
					d := lifecycle.Next(o)
					for _, a := range d.Actions {
						gone = gone || a.Kind == lifecycle.RemoveFinalizer
					}
					o.Job.Status = d.Status
					o.Now = o.Now.Add(max(d.RequeueAfter, time.Second))
				}
				if !gone {
					t.Errorf("%s, %d, %q: it never goes: %s", policy, state, reason, tell(lifecycle.Next(o)))
				}
			}
		}
	}
}

func blocked(reason string) lifecycle.Obstacle {
	return lifecycle.Obstacle{Reason: reason, Message: "m", Waiting: true}
}
