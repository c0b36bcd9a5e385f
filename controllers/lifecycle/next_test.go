package lifecycle_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/verdict"
)

// world is a job with what is around it, as plainly as a table needs.
func world(changes ...func(*lifecycle.Observed)) *lifecycle.Observed {
	o := &lifecycle.Observed{
		Now: time.Unix(1000, 0), Finalizer: true, Prefix: "c.ns.j", Image: "w:1", PlanStored: true,
		Job:  &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Name: "j", Namespace: "ns", Generation: 1}},
		Plan: &lifecycle.Plan{Format: 1, Hash: "p1", StateHash: "s1", InputHash: "i1"},
	}
	o.Job.Spec.Parallelism = 2
	for _, change := range changes {
		change(o)
	}
	return o
}

func epoch(n int64) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		s := &o.Job.Status
		s.Epoch, s.StateEpoch, s.MaxOrdinal, s.Phase = n, 1, 1, v1alpha1.PhaseRunning
		s.Parallelism = v1alpha1.ParallelismStatus{Current: 2, Ready: 2, Desired: 2}
		s.Runtime = &v1alpha1.RuntimeStatus{Image: "w:1", PlanHash: "p1", StateHash: "s1", InputHash: "i1", PodHash: lifecycle.PodHash(&o.Job.Spec, &o.Brokers)}
		o.Workloads = []lifecycle.Workload{{Epoch: n, Settled: true}}
		o.Pods = []lifecycle.Pod{pod(n, 0), pod(n, 1)}
	}
}

// ready has been seen to run what its spec says, at generation 1.
func ready(o *lifecycle.Observed) {
	verdict.Verdict{State: verdict.Ready, Reason: "Ready"}.Apply(&o.Job.Status.Conditions, 1, o.Now)
}

func pod(epoch int64, ordinal int32) lifecycle.Pod {
	return lifecycle.Pod{Name: fmt.Sprintf("j-%d-%d", epoch, ordinal), Epoch: epoch, Ordinal: ordinal, Ready: true, Current: true}
}

// fails has workers that can't run.
func fails(o *lifecycle.Observed, reason string, ordinals ...int) {
	for _, n := range ordinals {
		o.Pods[n].Ready, o.Pods[n].Trouble = false, lifecycle.Trouble{Reason: reason, Message: "because"}
	}
}

// overdue has worker 1 on a node that does not answer.
func overdue(late time.Duration, members map[int32]string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		p := &o.Pods[1]
		p.UID, p.Ready, p.Terminating, p.Overdue = "u", false, true, late
		o.Members = members
	}
}

func attempt(n int64, phase v1alpha1.JobPhase, kind v1alpha1.AttemptKind) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		o.Job.Status.Attempt = &v1alpha1.Attempt{
			Epoch: n, Kind: kind, Phase: phase, StartedAt: metav1.NewTime(o.Now),
			Runtime: v1alpha1.RuntimeStatus{Image: "w:1", PlanHash: "p2", StateHash: "s1"},
		}
		o.Job.Status.MaxOrdinal = 1
	}
}

func deleted(ago time.Duration) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		at := metav1.NewTime(o.Now.Add(-ago))
		o.Job.DeletionTimestamp = &at
	}
}

// goes has the namespace being deleted.
func goes(o *lifecycle.Observed) { o.NamespaceGoes = true }

// tell writes a decision in a line: its actions, then phase, epoch and what the conditions say.
func tell(d lifecycle.Decision) string {
	var b strings.Builder
	for _, a := range d.Actions {
		fmt.Fprintf(&b, "%s", a.Kind)
		switch a.Kind {
		case lifecycle.StorePlan, lifecycle.StopOthers:
			fmt.Fprintf(&b, " %d%s%s%s", a.Epoch, tellEpoch("from", a.From), tellEpoch("keep", a.Keep), tellEpoch("and", a.Before))
		case lifecycle.Fence:
			fmt.Fprintf(&b, " below %d to ordinal %d", a.Epoch, a.MaxOrdinal)
		case lifecycle.CreateInternal:
			fmt.Fprintf(&b, " of %d", a.StateEpoch)
		case lifecycle.ApplyWorkload:
			fmt.Fprintf(&b, " %d/%d x%d %s%s", a.Epoch, a.StateEpoch, a.Replicas, a.Image, tellRestore(a))
		case lifecycle.RequestSavepoint, lifecycle.ResumeJob:
			fmt.Fprintf(&b, " %s of %d", a.ID, a.StateEpoch)
		case lifecycle.DropState:
			fmt.Fprintf(&b, " but %d", a.StateEpoch)
		case lifecycle.DeletePod:
			fmt.Fprintf(&b, " %s", a.Pod)
		case lifecycle.ForgetPod, lifecycle.RemoveMembers, lifecycle.EvictMembers:
			b.WriteString(tellGone(a))
		default:
		}
		b.WriteString(map[bool]string{true: " if possible"}[a.IfPossible] + "; ")
	}
	s := d.Status
	fmt.Fprintf(&b, "%s epoch %d", s.Phase, s.Epoch)
	if s.Attempt != nil {
		fmt.Fprintf(&b, " attempt %d %s", s.Attempt.Epoch, s.Attempt.Phase)
	}
	if meta.IsStatusConditionTrue(s.Conditions, "Ready") {
		b.WriteString(" Ready")
	}
	if c := meta.FindStatusCondition(s.Conditions, "Stalled"); c != nil {
		fmt.Fprintf(&b, " Stalled by %s", c.Reason)
	}
	b.WriteString(tellFailing(s.Conditions))
	for _, name := range []string{"Ready", "Suspended"} {
		if c := meta.FindStatusCondition(s.Conditions, name); c != nil {
			fmt.Fprintf(&b, " (%s)", c.Reason)
		}
	}
	return b.String()
}

// tellGone writes the steps about workers that are gone.
func tellGone(a lifecycle.Action) string {
	switch a.Kind {
	case lifecycle.ForgetPod:
		return fmt.Sprintf(" %s of %s", a.Pod, a.UID)
	case lifecycle.EvictMembers:
		return fmt.Sprintf(" %v", a.Members)
	default:
		return fmt.Sprintf(" %v", a.Ordinals)
	}
}

func tellFailing(conditions []metav1.Condition) string {
	if c := meta.FindStatusCondition(conditions, "WorkersFailing"); c != nil {
		return " Failing by " + c.Reason
	}
	return ""
}

func tellEpoch(what string, epoch int64) string {
	if epoch == 0 {
		return ""
	}
	return fmt.Sprintf(" %s %d", what, epoch)
}

func tellRestore(a lifecycle.Action) string {
	text := ""
	if a.RestoreFrom != "" {
		text = " restores " + a.RestoreFrom
	}
	if a.RestoreExactly {
		text += " exactly"
	}
	if a.DropRemoved {
		text += " drops"
	}
	return text
}

func TestNext(t *testing.T) {
	obstacle := func(reason string, waiting bool) lifecycle.Obstacle {
		return lifecycle.Obstacle{Reason: reason, Message: "because", Waiting: waiting}
	}
	more := func(o *lifecycle.Observed) { o.Progress = &lifecycle.Progress{Added: []string{"in/2"}} }
	cases := map[string]struct {
		world *lifecycle.Observed
		want  string
	}{
		"the finalizer comes before everything": {
			world(func(o *lifecycle.Observed) { o.Finalizer = false }),
			"add the finalizer;  epoch 0",
		},
		"a new job waits for its connection": {
			world(func(o *lifecycle.Observed) { o.Connection = obstacle("ConnectionMissing", true) }),
			"Pending epoch 0 (ConnectionMissing)",
		},
		"a new job waits for its tables": {
			world(func(o *lifecycle.Observed) { o.Plan, o.Query = nil, obstacle("WaitingForTopics", true) }),
			"Pending epoch 0 (WaitingForTopics)",
		},
		"a new job with a wrong query is stalled": {
			world(func(o *lifecycle.Observed) { o.Plan, o.Query = nil, obstacle("InvalidQuery", false) }),
			"Stalled epoch 0 Stalled by InvalidQuery (InvalidQuery)",
		},
		"a new job does not start over found state": {
			world(func(o *lifecycle.Observed) { o.StateFound = true }),
			"Stalled epoch 0 Stalled by StateFound (StateFound)",
		},
		"found state is deleted when the user says so": {
			world(func(o *lifecycle.Observed) { o.StateFound, o.DeleteFound = true, true }),
			"clean up on Kafka; Pending epoch 0 (StateFound)",
		},
		"and the consent counts once": {
			world(func(o *lifecycle.Observed) { o.DeleteFound = true }),
			"drop the consent; store the plan 1; Fencing epoch 0 attempt 1 Fencing (Fencing)",
		},
		"a consent to nothing does not wait for its chance": {
			world(epoch(1), func(o *lifecycle.Observed) { o.DeleteFound = true }),
			"drop the consent; apply the workload 1/1 x2 w:1; Running epoch 1 Ready (Ready)",
		},
		"a new job writes its intent first": {
			world(), "store the plan 1; Fencing epoch 0 attempt 1 Fencing (Fencing)",
		},
		"an attempt fences when no other worker is there": {
			world(attempt(1, v1alpha1.PhaseFencing, v1alpha1.AttemptFirstStart)),
			"stop former workers 1; fence below 1 to ordinal 1; Deploying epoch 0 attempt 1 Deploying (Deploying)",
		},
		"an attempt makes topics before workers": {
			world(attempt(1, v1alpha1.PhaseDeploying, v1alpha1.AttemptFirstStart)),
			"create internal topics of 1; apply the workload 1/1 x2 w:1; Deploying epoch 1 (WaitingForWorkers)",
		},
		"an attempt waits while Kafka is away": {
			world(attempt(1, v1alpha1.PhaseFencing, v1alpha1.AttemptFirstStart), func(o *lifecycle.Observed) { o.Connection = obstacle("KafkaUnreachable", true) }),
			"Fencing epoch 0 attempt 1 Fencing (KafkaUnreachable)",
		},
		"a running job is applied and judged": {
			world(epoch(1)), "apply the workload 1/1 x2 w:1; Running epoch 1 Ready (Ready)",
		},
		"a worker that is not ready degrades the job": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Pods[1].Ready = false }),
			"apply the workload 1/1 x2 w:1; Degraded epoch 1 (WaitingForWorkers)",
		},
		"a higher ordinal is journalled before it exists": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Job.Spec.Parallelism = 3 }),
			"Scaling epoch 1 (Scaling)",
		},
		"and applied in the pass after": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Job.Spec.Parallelism, o.Job.Status.MaxOrdinal = 3, 2 }),
			"apply the workload 1/1 x3 w:1; Scaling epoch 1 (Scaling)",
		},
		"a worker that is gone for good leaves the group": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Job.Spec.Parallelism = 1; o.Pods = o.Pods[:1] }),
			"apply the workload 1/1 x1 w:1; remove members [1]; Running epoch 1 Ready (Ready)",
		},
		"a new operator's image restarts nothing": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Image = "w:2" }),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Ready (Ready)",
		},
		"it comes with the user's next change": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Image = "w:2"; o.Job.Spec.RuntimeVersion = "2" }),
			"apply the workload 1/1 x2 w:2; Running epoch 1 Ready (Ready)",
		},
		"scaling alone does not bring it": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Image = "w:2"; o.Job.Spec.Parallelism = 1; o.Pods = o.Pods[:1] }),
			"apply the workload 1/1 x1 w:1; remove members [1]; Running epoch 1 Ready (Ready)",
		},
		"pods of an old revision are replaced from the top": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Pods[0].Current, o.Pods[1].Current = false, false }),
			"apply the workload 1/1 x2 w:1; delete a pod j-1-1; Rolling epoch 1 (Rolling)",
		},
		"the next one waits until all work": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Pods[0].Current, o.Pods[1].Ready = false, false }),
			"apply the workload 1/1 x2 w:1; Rolling epoch 1 (Rolling)",
		},
		"one that does not work is replaced at once": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Pods[0].Current, o.Pods[0].Ready = false, false }),
			"apply the workload 1/1 x2 w:1; delete a pod j-1-0; Rolling epoch 1 (Rolling)",
		},
		"a worker whose image can't be had says so": {
			world(epoch(1), func(o *lifecycle.Observed) { fails(o, "ImagePullFailed", 1) }),
			"apply the workload 1/1 x2 w:1; Degraded epoch 1 Failing by ImagePullFailed (ImagePullFailed)",
		},
		"and no more once it runs": {
			world(epoch(1), func(o *lifecycle.Observed) {
				o.Job.Status.Conditions = []metav1.Condition{{Type: "WorkersFailing", Status: metav1.ConditionTrue, Reason: "ImagePullFailed"}}
			}),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Ready (Ready)",
		},
		"workers that can't run make way for a new template all at once": {
			world(epoch(1), func(o *lifecycle.Observed) {
				fails(o, "WorkerCrashes", 0, 1)
				o.Pods[0].Current, o.Pods[1].Current = false, false
			}),
			"apply the workload 1/1 x2 w:1; delete a pod j-1-0; delete a pod j-1-1; Rolling epoch 1 Failing by WorkerCrashes (WorkerCrashes)",
		},
		"one that works is not among them": {
			world(epoch(1), func(o *lifecycle.Observed) {
				fails(o, "WorkerCrashes", 0)
				o.Pods[0].Current, o.Pods[1].Current = false, false
			}),
			"apply the workload 1/1 x2 w:1; delete a pod j-1-0; Rolling epoch 1 Failing by WorkerCrashes (WorkerCrashes)",
		},
		"nor one that fails with the latest template": {
			world(epoch(1), func(o *lifecycle.Observed) { fails(o, "WorkerCrashes", 0, 1); o.Pods[1].Current = false }),
			"apply the workload 1/1 x2 w:1; delete a pod j-1-1; Rolling epoch 1 Failing by WorkerCrashes (WorkerCrashes)",
		},
		"a pod that does not end keeps none that can't run": {
			world(epoch(1), func(o *lifecycle.Observed) {
				fails(o, "WorkerCrashes", 0, 1)
				o.Pods[0].Terminating = true
				o.Pods[1].Current = false
			}),
			"apply the workload 1/1 x2 w:1; delete a pod j-1-1; Rolling epoch 1 Failing by WorkerCrashes (WorkerCrashes)",
		},
		"where no image can be had a new operator's is taken": {
			world(epoch(1), func(o *lifecycle.Observed) { fails(o, "ImagePullFailed", 0, 1); o.Image = "w:2" }),
			"apply the workload 1/1 x2 w:2; Degraded epoch 1 Failing by ImagePullFailed (ImagePullFailed)",
		},
		"but not while a worker runs": {
			world(epoch(1), func(o *lifecycle.Observed) { fails(o, "ImagePullFailed", 0); o.Image = "w:2" }),
			"apply the workload 1/1 x2 w:1; Degraded epoch 1 Failing by ImagePullFailed (ImagePullFailed)",
		},
		"a worker that does not run leaves the group": {
			world(epoch(1), func(o *lifecycle.Observed) {
				o.Pods[1].Ready, o.Pods[1].Away, o.Members = false, true, map[int32]string{0: "a", 1: "b"}
			}),
			"apply the workload 1/1 x2 w:1; evict members [{1 b}]; Degraded epoch 1 (WaitingForWorkers)",
		},
		"so does one that has no pod": {
			world(epoch(1), func(o *lifecycle.Observed) {
				o.Pods, o.Members = o.Pods[:1], map[int32]string{0: "a", 1: "b"}
			}),
			"apply the workload 1/1 x2 w:1; evict members [{1 b}]; Scaling epoch 1 (Scaling)",
		},
		"one that has left is not asked to": {
			world(epoch(1), func(o *lifecycle.Observed) {
				o.Pods[1].Ready, o.Pods[1].Away, o.Members = false, true, map[int32]string{0: "a"}
			}),
			"apply the workload 1/1 x2 w:1; Degraded epoch 1 (WaitingForWorkers)",
		},
		"a pod that is late in going is waited for": {
			world(epoch(1), overdue(lifecycle.LostGrace-1, map[int32]string{0: "a"})),
			"apply the workload 1/1 x2 w:1; Degraded epoch 1 (WaitingForWorkers)",
		},
		"a pod on a lost node is fenced and forgotten": {
			world(epoch(1), overdue(lifecycle.LostGrace, map[int32]string{0: "a"})),
			"apply the workload 1/1 x2 w:1; remove members [1]; forget a pod j-1-1 of u; Degraded epoch 1 (WaitingForWorkers)",
		},
		"not before it is known who is in the group": {
			world(epoch(1), overdue(lifecycle.LostGrace, nil)),
			"apply the workload 1/1 x2 w:1; Degraded epoch 1 (WaitingForWorkers)",
		},
		"nor while it can't be fenced": {
			world(epoch(1), overdue(lifecycle.LostGrace, map[int32]string{0: "a"}), func(o *lifecycle.Observed) { o.Connection = obstacle("KafkaUnreachable", true) }),
			"apply the workload 1/1 x2 w:1; Degraded epoch 1 (WaitingForWorkers)",
		},
		"a worker that works on a lost node is left alone": {
			world(epoch(1), overdue(lifecycle.LostGrace, map[int32]string{0: "a", 1: "b"})),
			"apply the workload 1/1 x2 w:1; Degraded epoch 1 (WaitingForWorkers)",
		},
		"but not for ever": {
			world(epoch(1), overdue(lifecycle.WorkingGrace, map[int32]string{0: "a", 1: "b"})),
			"apply the workload 1/1 x2 w:1; remove members [1]; forget a pod j-1-1 of u; Degraded epoch 1 (WaitingForWorkers)",
		},
		"a pod of a former epoch is forgotten, since it is fenced": {
			world(epoch(2), func(o *lifecycle.Observed) {
				p := pod(1, 0)
				p.UID, p.Terminating, p.Overdue = "u", true, lifecycle.LostGrace
				o.Pods = append(o.Pods, p)
			}),
			"apply the workload 2/1 x2 w:1; forget a pod j-1-0 of u; Running epoch 2 Ready (Ready)",
		},
		"a revision that is not settled replaces nothing": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Pods[0].Current, o.Workloads[0].Settled = false, false }),
			"apply the workload 1/1 x2 w:1; Rolling epoch 1 (Rolling)",
		},
		"a template that does not decode leaves the pods": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Template = obstacle("InvalidTemplate", false) }),
			"Running epoch 1 Stalled by InvalidTemplate (InvalidTemplate)",
		},
		"a plan with the same state begins an epoch": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Plan.Hash = "p2" }),
			"store the plan 2; Fencing epoch 1 attempt 2 Fencing (Fencing)",
		},
		"its old workers stop first": {
			world(epoch(1), attempt(2, v1alpha1.PhaseFencing, v1alpha1.AttemptNewPlan)),
			"stop former workers 2; Fencing epoch 1 attempt 2 Fencing",
		},
		"workers that do not stop are fenced": {
			world(epoch(1), attempt(2, v1alpha1.PhaseFencing, v1alpha1.AttemptNewPlan), func(o *lifecycle.Observed) { o.Now = o.Now.Add(lifecycle.StopGrace) }),
			"stop former workers 2; fence below 2 to ordinal 1; Deploying epoch 1 attempt 2 Deploying (Deploying)",
		},
		"the new epoch keeps the internal topics": {
			world(epoch(1), attempt(2, v1alpha1.PhaseDeploying, v1alpha1.AttemptNewPlan)),
			"create internal topics of 1; apply the workload 2/1 x2 w:1; Deploying epoch 2 (WaitingForWorkers)",
		},
		"a plan with other state is refused, and the job goes on": {
			world(epoch(1), func(o *lifecycle.Observed) { o.Plan.Hash, o.Plan.StateHash = "p2", "s2" }),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by SavepointsMissing (SavepointsMissing)",
		},
		"a query that does not compile is refused, and scaling still works": {
			world(epoch(1), func(o *lifecycle.Observed) {
				o.Plan, o.Query, o.Job.Spec.Parallelism = nil, obstacle("InvalidQuery", false), 1
			}),
			"apply the workload 1/1 x1 w:1; Scaling epoch 1 Stalled by InvalidQuery (InvalidQuery)",
		},
		"a job that runs what its spec says is ready, whatever its connection says": {
			world(epoch(1), ready, func(o *lifecycle.Observed) { o.Connection = obstacle("KafkaUnreachable", true) }),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Ready (Ready)",
		},
		"one whose new spec can't be looked at for that is not": {
			world(epoch(1), ready, func(o *lifecycle.Observed) {
				o.Connection, o.Plan, o.Job.Generation = obstacle("KafkaUnreachable", true), nil, 2
			}),
			"apply the workload 1/1 x2 w:1; Running epoch 1 (KafkaUnreachable)",
		},
		"partitions that were added begin an epoch of the same plan": {
			world(epoch(1), more), "store the plan 2 from 1; Fencing epoch 1 attempt 2 Fencing (MorePartitions)",
		},
		"also when the spec is refused": {
			world(epoch(1), more, func(o *lifecycle.Observed) { o.Plan, o.Query = nil, obstacle("InvalidQuery", false) }),
			"store the plan 2 from 1; Fencing epoch 1 attempt 2 Fencing (MorePartitions)",
		},
		"a new plan takes them up as well": {
			world(epoch(1), more, func(o *lifecycle.Observed) { o.Plan.Hash = "p2" }),
			"store the plan 2; Fencing epoch 1 attempt 2 Fencing (Fencing)",
		},
		"not with a template that can't be deployed": {
			world(epoch(1), more, func(o *lifecycle.Observed) { o.Template = obstacle("InvalidTemplate", false) }),
			"Running epoch 1 Stalled by InvalidTemplate (InvalidTemplate)",
		},
		"the image stays with the plan": {
			world(epoch(1), attempt(2, v1alpha1.PhaseDeploying, v1alpha1.AttemptMorePartitions), func(o *lifecycle.Observed) { o.Image = "w:2" }),
			"create internal topics of 1; apply the workload 2/1 x2 w:1; Deploying epoch 2 (WaitingForWorkers)",
		},
		"a plan that was deleted is stored again": {
			world(epoch(1), func(o *lifecycle.Observed) { o.PlanStored = false }),
			"store the plan 1; apply the workload 1/1 x2 w:1; Running epoch 1 Ready (Ready)",
		},
		"one that the spec has left is asked for": {
			world(epoch(1), func(o *lifecycle.Observed) { o.PlanStored = false; o.Plan.Hash, o.Plan.StateHash = "p2", "s2" }),
			"apply the workload 1/1 x2 w:1; Running epoch 1 Stalled by PlanMissing (PlanMissing)",
		},
		"the plan of an attempt is stored again": {
			world(epoch(1), attempt(2, v1alpha1.PhaseDeploying, v1alpha1.AttemptNewPlan), func(o *lifecycle.Observed) { o.PlanStored = false; o.Plan.Hash = "p2" }),
			"store the plan 2; create internal topics of 1; apply the workload 2/1 x2 w:1; Deploying epoch 2 (WaitingForWorkers)",
		},
		"or asked for": {
			world(epoch(1), attempt(2, v1alpha1.PhaseDeploying, v1alpha1.AttemptNewPlan), func(o *lifecycle.Observed) { o.PlanStored = false }),
			"Deploying epoch 1 attempt 2 Deploying Stalled by PlanMissing (PlanMissing)",
		},
		"a deleted job stops its workers": {
			world(epoch(3), deleted(0)), "stop former workers 0; Deleting epoch 3 (Deleting)",
		},
		"a deleted job cleans up when they are gone": {
			world(epoch(3), deleted(0), func(o *lifecycle.Observed) { o.Pods, o.Workloads = nil, nil }),
			"stop former workers 0; clean up on Kafka; remove the finalizer; Deleting epoch 3 (Deleting)",
		},
		"a deleted job that retains is fenced": {
			world(epoch(3), deleted(lifecycle.StopGrace), func(o *lifecycle.Observed) { o.Job.Spec.Deletion.InternalTopics = v1alpha1.DeletionRetain }),
			"stop former workers 0; fence below 4 to ordinal 1; remove the finalizer; Deleting epoch 3 (Deleting)",
		},
		"a deleted job whose connection is gone is let go": {
			world(epoch(3), deleted(lifecycle.StopGrace), func(o *lifecycle.Observed) { o.Connection = obstacle("ConnectionMissing", true) }),
			"stop former workers 0; remove the finalizer; Deleting epoch 3 (Deleting)",
		},
		"a deleted job whose Secret is missing says so": {
			world(epoch(3), deleted(lifecycle.StopGrace), func(o *lifecycle.Observed) { o.Connection = obstacle("SecretNotFound", true) }),
			"stop former workers 0; Deleting epoch 3 (SecretNotFound)",
		},
		"and waits for it no longer than that": {
			world(epoch(3), deleted(lifecycle.SecretGrace), func(o *lifecycle.Observed) { o.Connection = obstacle("SecretNotFound", true) }),
			"stop former workers 0; remove the finalizer; Deleting epoch 3 (Deleting)",
		},
		"a deleted job whose Secret is of no use waits for its correction": {
			world(epoch(3), deleted(time.Hour), func(o *lifecycle.Observed) { o.Connection = obstacle("SecretInvalid", true) }),
			"stop former workers 0; Deleting epoch 3 (SecretInvalid)",
		},
		"a deleted job whose brokers are away waits for them": {
			world(epoch(3), deleted(time.Hour), func(o *lifecycle.Observed) { o.Connection = obstacle("BrokersUnreachable", true) }),
			"stop former workers 0; Deleting epoch 3 (BrokersUnreachable)",
		},
		"and in a namespace that goes for a moment": {
			world(epoch(3), deleted(lifecycle.NamespaceGrace-1), goes, func(o *lifecycle.Observed) {
				o.Pods, o.Workloads, o.Connection = nil, nil, obstacle("BrokersUnreachable", true)
			}),
			"stop former workers 0; Deleting epoch 3 (BrokersUnreachable)",
		},
		"and then lets the namespace go": {
			world(epoch(3), deleted(lifecycle.NamespaceGrace), goes, func(o *lifecycle.Observed) { o.Connection = obstacle("BrokersUnreachable", true) }),
			"stop former workers 0; remove the finalizer; Deleting epoch 3 (Deleting)",
		},
		"in a namespace that goes it is cleaned up": {
			world(epoch(3), deleted(lifecycle.NamespaceGrace-1), goes, func(o *lifecycle.Observed) { o.Pods, o.Workloads = nil, nil }),
			"stop former workers 0; clean up on Kafka; remove the finalizer; Deleting epoch 3 (Deleting)",
		},
		"after a while only if that is possible": {
			world(epoch(3), deleted(lifecycle.NamespaceGrace), goes),
			"stop former workers 0; clean up on Kafka if possible; remove the finalizer; Deleting epoch 3 (Deleting)",
		},
		"and fenced if possible where it retains": {
			world(epoch(3), deleted(lifecycle.NamespaceGrace), goes, func(o *lifecycle.Observed) { o.Job.Spec.Deletion.InternalTopics = v1alpha1.DeletionRetain }),
			"stop former workers 0; fence below 4 to ordinal 1 if possible; remove the finalizer; Deleting epoch 3 (Deleting)",
		},
		"a job that runs goes on while its Secret is missing": {
			world(epoch(3), ready, func(o *lifecycle.Observed) { o.Connection = obstacle("SecretNotFound", true) }),
			"apply the workload 3/1 x2 w:1; Running epoch 3 Ready (Ready)",
		},
		"a new job waits for its Secret": {
			world(func(o *lifecycle.Observed) { o.Connection = obstacle("SecretNotFound", true) }),
			"Pending epoch 0 (SecretNotFound)",
		},
		"a deleted job that never ran is let go": {
			world(deleted(0)), "stop former workers 0; remove the finalizer; Deleting epoch 0 (Deleting)",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tell(lifecycle.Next(c.world)); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// A pass over what a pass has just written changes nothing: idle means no writes.
func TestAnIdleJobIsLeftAlone(t *testing.T) {
	o := world(epoch(1))
	first := lifecycle.Next(o)
	o.Job.Status, o.Now = first.Status, o.Now.Add(time.Hour)
	second := lifecycle.Next(o)
	if !reflect.DeepEqual(first.Status, second.Status) {
		t.Errorf("the status moved:\n%+v\n%+v", first.Status, second.Status)
	}
}

func TestLagIsWrittenOnRealChange(t *testing.T) {
	cases := map[string]struct {
		old, new int64
		after    time.Duration
		want     int64
	}{
		"unknown keeps the old":          {100, -1, time.Hour, 100},
		"never often":                    {100, 201, lifecycle.ProgressInterval - 1, 100},
		"a little is written in time":    {100, 110, lifecycle.ProgressInterval, 110},
		"so is reaching none":            {1, 0, lifecycle.ProgressInterval, 0},
		"none that stays is not written": {0, 0, time.Hour, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := world(epoch(1), func(o *lifecycle.Observed) {
				o.Job.Status.Lag = &v1alpha1.Lag{Records: c.old, ObservedAt: metav1.NewTime(o.Now.Add(-c.after))}
				if c.new >= 0 {
					o.Progress = &lifecycle.Progress{LagRecords: c.new}
				}
			})
			if got := lifecycle.Next(o).Status.Lag.Records; got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestTheWatermarkIsWrittenOnRealChange(t *testing.T) {
	cases := map[string]struct{ old, new, after, want time.Duration }{
		"the first is written":           {-1, 1300 * time.Millisecond, 0, 1300 * time.Millisecond},
		"none is kept":                   {2 * time.Second, -1, time.Hour, 2 * time.Second},
		"never often":                    {2 * time.Second, time.Hour, lifecycle.ProgressInterval - 1, 2 * time.Second},
		"a little never":                 {2 * time.Second, 3 * time.Second, time.Hour, 2 * time.Second},
		"a leap after a while":           {2 * time.Second, 4 * time.Second, lifecycle.ProgressInterval, 4 * time.Second},
		"one that stands is no leap":     {2 * time.Second, time.Hour + 2*time.Second, time.Hour, 2 * time.Second},
		"a quarter of much never":        {time.Hour, 75 * time.Minute, time.Hour, time.Hour},
		"event times ahead of the clock": {-1, -time.Minute, 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := world(epoch(1), func(o *lifecycle.Observed) {
				if c.old >= 0 {
					at := metav1.NewTime(o.Now.Add(-c.after))
					o.Job.Status.Lag = &v1alpha1.Lag{ObservedAt: at}
					o.Job.Status.Watermark = &v1alpha1.WatermarkStatus{Delay: metav1.Duration{Duration: c.old}, ObservedAt: at}
				}
				o.Progress = &lifecycle.Progress{}
				if c.new != -1 {
					o.Progress.Watermark = o.Now.Add(-c.new)
				}
			})
			if got := lifecycle.Next(o).Status.Watermark; got == nil || got.Delay.Duration != c.want {
				t.Errorf("got %+v, want %v", got, c.want)
			}
		})
	}
}
