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

const store = "s3://saves/here"

// stateful is a running job with state, whose workers write savepoints.
func stateful(o *lifecycle.Observed) {
	o.Job.Spec.Savepoints = &v1alpha1.Savepoints{URL: store}
	o.Stateful, o.Commands = true, true
	for i := range o.Pods {
		o.Pods[i].Savepoints = store
	}
}

// otherState makes the spec ask for a plan with other state.
func otherState(o *lifecycle.Observed) { o.Plan.Hash, o.Plan.StateHash = "p2", "s2" }

// olderFormat makes the plan one that knows no savepoints.
func olderFormat(o *lifecycle.Observed) { o.Plan.Format, o.Plan.NoCommands = 2, true }

func saving(kind v1alpha1.AttemptKind, state lifecycle.SavepointState) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		deadline := metav1.NewTime(o.Now.Add(time.Minute))
		a := &v1alpha1.Attempt{
			Epoch: 2, Kind: kind, Phase: v1alpha1.PhaseSavepointing, StartedAt: metav1.NewTime(o.Now), Generation: 1, Savepoint: "sp", Deadline: &deadline,
			Runtime: v1alpha1.RuntimeStatus{Image: "w:1", PlanHash: "p2", StateHash: "s2", RestoreFrom: "sp", RestoreExactly: true},
		}
		if kind == v1alpha1.AttemptSuspend {
			a.Runtime, o.Job.Spec.Suspend = *o.Job.Status.Runtime, true
		}
		o.Job.Status.Attempt, o.Job.Status.Phase = a, v1alpha1.PhaseSavepointing
		o.Savepoint = &lifecycle.Savepoint{State: state, Reason: "because"}
	}
}

// step is an attempt from a savepoint in a later phase.
func step(phase v1alpha1.JobPhase, kind v1alpha1.AttemptKind) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		saving(kind, lifecycle.SavepointFinished)(o)
		o.Savepoint, o.Job.Status.Attempt.Phase = nil, phase
	}
}

// probation is epoch 2 with the plan p2 on new topics, which began from a savepoint and could go back to epoch 1.
func probation(commits lifecycle.Commits, ready bool) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		before := v1alpha1.RuntimeStatus{Image: "w:1", PlanHash: "p1", StateHash: "s1", InputHash: "i1"}
		epoch(2)(o)
		stateful(o)
		otherState(o)
		s := &o.Job.Status
		s.StateEpoch, s.Runtime.PlanHash, s.Runtime.StateHash, s.Runtime.RestoreFrom, s.Runtime.RestoreExactly = 2, "p2", "s2", "sp", true
		deadline := metav1.NewTime(o.Now.Add(time.Minute))
		s.Probation = &v1alpha1.Probation{Deadline: &deadline, Epoch: 1, Runtime: &before, Generation: 1}
		s.Phase = v1alpha1.PhaseDeploying
		o.Job.Spec.Upgrade.Probation = &v1alpha1.UpgradeProbation{Duration: &metav1.Duration{}} // the first commit is all that it has to prove
		o.Commits = commits
		o.Pods[0].Ready, o.Pods[1].Ready = ready, ready
	}
}

func later(o *lifecycle.Observed) { o.Now = o.Now.Add(time.Hour) }

func workersGone(o *lifecycle.Observed) { o.Pods, o.Workloads = nil, nil }

func asleep(savepoint string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		epoch(1)(o)
		stateful(o)
		workersGone(o)
		o.Job.Status.Suspended, o.Job.Status.Phase = &v1alpha1.Suspension{Savepoint: savepoint}, v1alpha1.PhaseSuspended
	}
}

func TestUpgradesBySavepoint(t *testing.T) {
	const id = "sp-19700101T001640Z-"
	cases := map[string]struct {
		world *lifecycle.Observed
		want  string
	}{
		"a plan with other state begins with a savepoint, and nothing is asked before the intent is written": {
			world(epoch(1), stateful, otherState), "store the plan 2; Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"the savepoint is asked for": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAbsent)),
			"ask for a savepoint sp of 1; Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"and once": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked)),
			"Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"not while the job makes another one": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointBusy)),
			"Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"while Kafka is away nothing is known": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked), later, func(o *lifecycle.Observed) {
				o.Savepoint, o.Connection = nil, lifecycle.Obstacle{Reason: "BrokersUnreachable", Waiting: true}
			}),
			"Savepointing epoch 1 attempt 2 Savepointing (BrokersUnreachable)",
		},
		"once it is there the old workers are stopped": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointFinished)),
			"record a savepoint; Fencing epoch 1 attempt 2 Fencing (Savepointing)",
		},
		"also when it was seen after the deadline": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointFinished), later),
			"record a savepoint; Fencing epoch 1 attempt 2 Fencing (Savepointing)",
		},
		"the plan that ran is kept": {
			world(epoch(1), stateful, otherState, step(v1alpha1.PhaseFencing, v1alpha1.AttemptNewState)),
			"stop former workers 2 keep 1; Fencing epoch 1 attempt 2 Fencing",
		},
		"then they are fenced": {
			world(epoch(1), stateful, otherState, step(v1alpha1.PhaseFencing, v1alpha1.AttemptNewState), workersGone),
			"stop former workers 2 keep 1; fence below 2 to ordinal 1; Deploying epoch 1 attempt 2 Deploying (Deploying)",
		},
		"the new epoch has topics of its own and begins from the savepoint": {
			world(epoch(1), stateful, otherState, step(v1alpha1.PhaseDeploying, v1alpha1.AttemptNewState)),
			"create internal topics of 2; apply the workload 2/2 x2 w:1 restores sp exactly; Deploying epoch 2 (WaitingForWorkers)",
		},
		"a savepoint that fails lets the job go on": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointFailed)),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"one that is late does": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked), later),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"one that nobody was asked for in time does": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAbsent), later),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"the spec that was taken back lets the job go on": {
			world(epoch(1), stateful, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked)),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"a newer plan begins anew": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointFinished), func(o *lifecycle.Observed) { o.Plan.Hash = "p3" }),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"so does a query that does not compile": {
			world(epoch(1), stateful, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked), func(o *lifecycle.Observed) {
				o.Plan, o.Query = nil, lifecycle.Obstacle{Reason: "InvalidQuery"}
			}),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"so does another place for savepoints": {
			world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked), func(o *lifecycle.Observed) { o.Job.Spec.Savepoints.URL = "s3://other/" }),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"after the fence the attempt runs to its end": {
			world(epoch(1), stateful, step(v1alpha1.PhaseFencing, v1alpha1.AttemptNewState)),
			"stop former workers 2 keep 1; Fencing epoch 1 attempt 2 Fencing",
		},
		"what has failed is not tried again": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) {
				o.Job.Status.LastFailure = &v1alpha1.Failure{Generation: 1, Reason: v1alpha1.ReasonSavepointFailed}
			}),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by SavepointFailed (SavepointFailed)",
		},
		"before the spec changes": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) {
				o.Job.Status.LastFailure = &v1alpha1.Failure{Generation: 0, Reason: v1alpha1.ReasonSavepointFailed}
			}),
			"store the plan 2; Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"state that the plan can't take over is refused before anything stops": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) { o.Misfit, o.MisfitDropped = "why", "why" }),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by StateChanged (StateChanged)",
		},
		"state of removed operators is given up when the spec says so": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) {
				o.Misfit, o.Job.Spec.Upgrade.OnIncompatible = "why", v1alpha1.IncompatibleDropRemoved
			}),
			"store the plan 2; Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"and no other": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) {
				o.Misfit, o.MisfitDropped, o.Job.Spec.Upgrade.OnIncompatible = "why", "why", v1alpha1.IncompatibleDropRemoved
			}),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by StateChanged (StateChanged)",
		},
		"without a place for savepoints it is refused": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) { o.Job.Spec.Savepoints = nil }),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by SavepointsMissing (SavepointsMissing)",
		},
		"a place that was given just now is taken up by the workers first": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) { o.Pods[1].Savepoints, o.Pods[1].Current = "", false }),
			"apply the workload 1/1 x2 w:1; delete a pod j-1-1; Rolling epoch 1 (Rolling)",
		},
		"a plan that knows no savepoints is not asked for one": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) { o.Commands = false }),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by StateChanged (StateChanged)",
		},
		"a plan that begins from no savepoint is refused before anything stops": {
			world(epoch(1), stateful, otherState, olderFormat),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by StateChanged (StateChanged)",
		},
		"but where the state is given up": {
			world(epoch(1), stateful, otherState, olderFormat, func(o *lifecycle.Observed) { o.Job.Spec.Upgrade.Mode = v1alpha1.UpgradeStateless }),
			"store the plan 2; Fencing epoch 1 attempt 2 Fencing (Fencing)",
		},
		"a stateless upgrade stops the workers at once": {
			world(epoch(1), stateful, otherState, func(o *lifecycle.Observed) { o.Job.Spec.Upgrade.Mode = v1alpha1.UpgradeStateless }),
			"store the plan 2; Fencing epoch 1 attempt 2 Fencing (Fencing)",
		},
		"and begins empty on topics of its own": {
			world(epoch(1), stateful, otherState, attempt(2, v1alpha1.PhaseDeploying, v1alpha1.AttemptNewState)),
			"create internal topics of 2; apply the workload 2/2 x2 w:1; Deploying epoch 2 (WaitingForWorkers)",
		},
		"a first start begins from the savepoint that it is told": {
			world(stateful, func(o *lifecycle.Observed) {
				attempt(1, v1alpha1.PhaseDeploying, v1alpha1.AttemptFirstStart)(o)
				o.Job.Status.Attempt.Savepoint, o.Job.Status.Attempt.Runtime.RestoreFrom = "sp", "sp"
			}),
			"create internal topics of 1; apply the workload 1/1 x2 w:1 restores sp; Deploying epoch 1 (WaitingForWorkers)",
		},

		"what was before is deleted after the first commit": {
			world(probation(lifecycle.CommitsSome, true)),
			"apply the workload 2/2 x2 w:1 restores sp exactly; stop former workers 2; delete former state but 2; Running epoch 2 Ready (Ready)",
		},
		"not before it": {
			world(probation(lifecycle.CommitsNone, true), later), "apply the workload 2/2 x2 w:1 restores sp exactly; Running epoch 2 Ready (Ready)",
		},
		"not while a worker is not ready": {
			world(probation(lifecycle.CommitsSome, false), later), "apply the workload 2/2 x2 w:1 restores sp exactly; Deploying epoch 2 (WaitingForWorkers)",
		},
		"workers that do not become ready have time": {
			world(probation(lifecycle.CommitsNone, false)), "apply the workload 2/2 x2 w:1 restores sp exactly; Deploying epoch 2 (WaitingForWorkers)",
		},
		"until the deadline": {
			world(probation(lifecycle.CommitsNone, false), later), "store the plan 3 from 1; Fencing epoch 2 attempt 3 Fencing (Fencing)",
		},
		"nobody goes back while nobody knows what is committed": {
			world(probation(lifecycle.CommitsUnknown, false), later), "apply the workload 2/2 x2 w:1 restores sp exactly; Deploying epoch 2 (WaitingForWorkers)",
		},
		"the spec can ask for the way back at once": {
			world(probation(lifecycle.CommitsNone, false), func(o *lifecycle.Observed) { o.Plan.Hash, o.Plan.StateHash = "p1", "s1" }),
			"store the plan 3 from 1; Fencing epoch 2 attempt 3 Fencing (Fencing)",
		},
		"a third plan waits for what becomes of the second": {
			world(probation(lifecycle.CommitsNone, false), func(o *lifecycle.Observed) { o.Plan.Hash, o.Plan.StateHash = "p3", "s3" }),
			"apply the workload 2/2 x2 w:1 restores sp exactly; Deploying epoch 2 (Probation)",
		},
		"nor is it stopped before that": {
			world(probation(lifecycle.CommitsNone, false), func(o *lifecycle.Observed) { o.Job.Spec.Suspend, o.Job.Spec.Savepoints = true, nil }),
			"apply the workload 2/2 x2 w:1 restores sp exactly; Deploying epoch 2 (Probation)",
		},
		"a plan with the same state begins from the same savepoint": {
			world(probation(lifecycle.CommitsNone, false), func(o *lifecycle.Observed) {
				attempt(3, v1alpha1.PhaseDeploying, v1alpha1.AttemptNewPlan)(o)
				o.Job.Status.Attempt.Runtime.RestoreFrom = o.Job.Status.Runtime.RestoreFrom
			}),
			"create internal topics of 2; apply the workload 3/2 x2 w:1 restores sp; Deploying epoch 3 (WaitingForWorkers)",
		},
		"an epoch that is left is fenced before it is looked what it has committed": {
			world(probation(lifecycle.CommitsNone, false), back(lifecycle.CommitsNone), workersGone, func(o *lifecycle.Observed) { o.Job.Status.Attempt.Phase = v1alpha1.PhaseFencing }),
			"stop former workers 3 keep 2 and 1; fence below 3 to ordinal 1; RollingBack epoch 2 attempt 3 RollingBack",
		},
		"the way back has topics of its own and begins from the savepoint": {
			world(probation(lifecycle.CommitsNone, false), back(lifecycle.CommitsUnknown), func(o *lifecycle.Observed) { o.Job.Status.Attempt.Phase = v1alpha1.PhaseDeploying }),
			"create internal topics of 3; apply the workload 3/3 x2 w:1 restores sp exactly; Deploying epoch 3 (WaitingForWorkers)",
		},
		"it is taken when nothing was committed": {
			world(probation(lifecycle.CommitsNone, false), back(lifecycle.CommitsNone)),
			"Deploying epoch 2 attempt 3 Deploying (Deploying)",
		},
		"what was committed at the last moment is gone on with": {
			world(probation(lifecycle.CommitsNone, false), back(lifecycle.CommitsSome)),
			"store the plan 3 from 2; Deploying epoch 2 attempt 3 Deploying (Deploying)",
		},
		"nothing is decided while that is not known": {
			world(probation(lifecycle.CommitsNone, false), back(lifecycle.CommitsUnknown)), "RollingBack epoch 2 attempt 3 RollingBack (BrokersUnreachable)",
		},

		"a job that is suspended stops at a savepoint": {
			world(epoch(1), stateful, func(o *lifecycle.Observed) { o.Job.Spec.Suspend = true }),
			"Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"one without state just stops": {
			world(epoch(1), stateful, func(o *lifecycle.Observed) { o.Job.Spec.Suspend, o.Stateful = true, false }),
			"Fencing epoch 1 attempt 2 Fencing (Fencing)",
		},
		"so does one without a place for savepoints": {
			world(epoch(1), stateful, func(o *lifecycle.Observed) { o.Job.Spec.Suspend, o.Job.Spec.Savepoints = true, nil }),
			"Fencing epoch 1 attempt 2 Fencing (Fencing)",
		},
		"a stop that is not wanted any more": {
			world(epoch(1), stateful, saving(v1alpha1.AttemptSuspend, lifecycle.SavepointAsked), func(o *lifecycle.Observed) { o.Job.Spec.Suspend = false }),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"a stop that fails": {
			world(epoch(1), stateful, saving(v1alpha1.AttemptSuspend, lifecycle.SavepointFailed)),
			"let the job go on sp of 1; stop former workers 1; Running epoch 1 (WaitingForWorkers)",
		},
		"is not tried again either": {
			world(epoch(1), stateful, func(o *lifecycle.Observed) {
				o.Job.Spec.Suspend, o.Job.Status.LastFailure = true, &v1alpha1.Failure{Generation: 1, Reason: v1alpha1.ReasonSavepointFailed}
			}),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by SavepointFailed (SavepointFailed)",
		},
		"a way back that was taken meanwhile does not keep it from stopping": {
			world(epoch(1), stateful, func(o *lifecycle.Observed) {
				o.Job.Spec.Suspend, o.Job.Status.LastFailure = true, &v1alpha1.Failure{Generation: 1, Reason: v1alpha1.ReasonRolledBack}
			}),
			"Savepointing epoch 1 attempt 2 Savepointing (Savepointing)",
		},
		"the workers of a job that stops go": {
			world(epoch(1), stateful, step(v1alpha1.PhaseFencing, v1alpha1.AttemptSuspend)),
			"stop former workers 2 keep 1; Fencing epoch 1 attempt 2 Fencing",
		},
		"then it rests": {
			world(epoch(1), stateful, step(v1alpha1.PhaseFencing, v1alpha1.AttemptSuspend), workersGone),
			"stop former workers 2 keep 1; fence below 2 to ordinal 1; Suspended epoch 1 (Suspended)",
		},
		"and nothing happens": {
			world(asleep("sp"), func(o *lifecycle.Observed) { o.Job.Spec.Suspend = true }), "Suspended epoch 1 (Suspended)",
		},
		"it goes on from its savepoint": {
			world(asleep("sp")), "store the plan 2 from 1; Fencing epoch 1 attempt 2 Fencing (Fencing)",
		},
		"in topics of its own": {
			world(asleep("sp"), func(o *lifecycle.Observed) {
				attempt(2, v1alpha1.PhaseDeploying, v1alpha1.AttemptResume)(o)
				o.Job.Status.Attempt.Savepoint, o.Job.Status.Attempt.Runtime.RestoreFrom = "sp", "sp"
			}),
			"create internal topics of 2; apply the workload 2/2 x2 w:1 restores sp; Deploying epoch 2 (WaitingForWorkers)",
		},
		"and the plan of before is not kept, since no plan will be compared with it any more": {
			world(asleep(""), attempt(2, v1alpha1.PhaseFencing, v1alpha1.AttemptResume)),
			"stop former workers 2; fence below 2 to ordinal 1; Deploying epoch 1 attempt 2 Deploying (Deploying)",
		},
		"where a savepoint was left it is kept, for the way back": {
			world(asleep("sp"), attempt(2, v1alpha1.PhaseFencing, v1alpha1.AttemptResume), func(o *lifecycle.Observed) { o.Job.Status.Attempt.Savepoint = "sp" }),
			"stop former workers 2 keep 1; fence below 2 to ordinal 1; Deploying epoch 1 attempt 2 Deploying (Deploying)",
		},
		"or where it was, if it stopped without": {
			world(asleep(""), attempt(2, v1alpha1.PhaseDeploying, v1alpha1.AttemptResume)),
			"create internal topics of 1; apply the workload 2/1 x2 w:1; Deploying epoch 2 (WaitingForWorkers)",
		},
		"it can go on with another plan": {
			world(asleep("sp"), otherState), "store the plan 2; Fencing epoch 1 attempt 2 Fencing (Fencing)",
		},
		"not with one that can't take its state over": {
			world(asleep("sp"), otherState, func(o *lifecycle.Observed) { o.Misfit = "why" }), "Suspended epoch 1 Stalled by StateChanged (StateChanged)",
		},
		"nor with one that begins from no savepoint": {
			world(asleep("sp"), otherState, olderFormat), "Suspended epoch 1 Stalled by StateChanged (StateChanged)",
		},
		"not even where the state is the same": {
			world(asleep("sp"), olderFormat), "Suspended epoch 1 Stalled by SavepointUnfit (SavepointUnfit)",
		},
		"nor, without a savepoint, with other state": {
			world(asleep(""), otherState), "Suspended epoch 1 Stalled by SavepointsMissing (SavepointsMissing)",
		},
		"nor while a topic is missing": {
			world(asleep("sp"), func(o *lifecycle.Observed) { o.Topics = lifecycle.Obstacle{Reason: "WaitingForTopics", Waiting: true} }),
			"Suspended epoch 1 (WaitingForTopics)",
		},
		"a job that is made to rest does not start": {
			world(func(o *lifecycle.Observed) { o.Job.Spec.Suspend = true }), "Suspended epoch 0 (Suspended)",
		},
		"a job that rests can be deleted": {
			world(asleep("sp"), deleted(0)), "stop former workers 0; clean up on Kafka; remove the finalizer; Deleting epoch 1 (Deleting)",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := lifecycle.Next(c.world)
			if got := tell(d); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if a := d.Status.Attempt; a != nil && c.world.Job.Status.Attempt == nil && a.Savepoint != "" && a.Savepoint != "sp" && !strings.HasPrefix(a.Savepoint, id) {
				t.Errorf("the savepoint is named %s", a.Savepoint)
			}
		})
	}
}

// back is the attempt that leaves epoch 2 again.
func back(commits lifecycle.Commits) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		later(o)
		d := lifecycle.Next(o)
		o.Job.Status, o.Commits = d.Status, commits
		o.Job.Status.Attempt.Phase, o.Job.Status.Phase = v1alpha1.PhaseRollingBack, v1alpha1.PhaseRollingBack
		o.Job.Status.Conditions = nil
	}
}

func TestWhatIsRememberedOfAnUpgrade(t *testing.T) {
	finished := lifecycle.Next(world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointFinished))).Status
	if sp := finished.LastSavepoint; sp == nil || sp.ID != "sp" || sp.Epoch != 1 {
		t.Errorf("the last savepoint is %+v", sp)
	}
	deployed := lifecycle.Next(world(epoch(1), stateful, otherState, step(v1alpha1.PhaseDeploying, v1alpha1.AttemptNewState))).Status
	if p := deployed.Probation; p == nil || p.Epoch != 1 || p.Runtime.PlanHash != "p1" || p.Deadline == nil {
		t.Errorf("the way back is %+v", p)
	}
	failed := lifecycle.Next(world(epoch(1), stateful, otherState, saving(v1alpha1.AttemptNewState, lifecycle.SavepointFailed))).Status
	if f := failed.LastFailure; f == nil || f.Generation != 1 || !strings.Contains(f.Message, "because") {
		t.Errorf("the failure is %+v", f)
	}
	overtaken := lifecycle.Next(world(epoch(1), stateful, saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked))).Status
	if overtaken.LastFailure != nil {
		t.Errorf("what was taken back counts as failed: %+v", overtaken.LastFailure)
	}
}

// The image came with the query that did not start: the epoch that the job went back to keeps its own until the spec changes once more.
func TestTheWayBackKeepsItsImage(t *testing.T) {
	back := func(o *lifecycle.Observed) {
		epoch(3)(o)
		stateful(o)
		o.Job.Spec.RuntimeVersion, o.Image = "broken", "w:broken"
		o.Job.Status.LastFailure = &v1alpha1.Failure{Generation: o.Job.Generation, Reason: v1alpha1.ReasonRolledBack}
	}
	if r := lifecycle.Next(world(back)).Status.Runtime; r.Image != "w:1" {
		t.Errorf("the image is %s", r.Image)
	}
	changed := func(o *lifecycle.Observed) { o.Job.Generation++ }
	if r := lifecycle.Next(world(back, changed)).Status.Runtime; r.Image != "w:broken" {
		t.Errorf("after a change of the spec the image is %s", r.Image)
	}
}

func TestWhatIsRememberedOfTheWayBack(t *testing.T) {
	rolled := lifecycle.Next(world(probation(lifecycle.CommitsNone, false), later)).Status
	if f := rolled.LastFailure; f == nil || f.Reason != v1alpha1.ReasonRolledBack {
		t.Errorf("the failure is %+v", f)
	}
	goneOn := lifecycle.Next(world(probation(lifecycle.CommitsNone, false), back(lifecycle.CommitsSome))).Status
	if goneOn.LastFailure != nil || goneOn.Attempt.Runtime.PlanHash != "p2" {
		t.Errorf("it goes on with %+v, and says %+v", goneOn.Attempt, goneOn.LastFailure)
	}
}

// By kstatus a job that rests neither works towards anything nor needs help.
func TestAJobThatRestsIsNeitherReconcilingNorStalled(t *testing.T) {
	resting := lifecycle.Next(world(asleep("sp"), func(o *lifecycle.Observed) { o.Job.Spec.Suspend = true })).Status
	for _, name := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if c := meta.FindStatusCondition(resting.Conditions, name); c != nil {
			t.Errorf("a job that rests says %+v", c)
		}
	}
	if resting.Parallelism.Desired != 0 {
		t.Errorf("a job that rests wants %d workers", resting.Parallelism.Desired)
	}
}
