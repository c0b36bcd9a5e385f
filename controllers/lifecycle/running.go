package lifecycle

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// running looks after an epoch that has been deployed.
func running(o *Observed, d *Decision) {
	s := &d.Status
	topics(o, s)
	if s.LastFailure != nil && s.LastFailure.Generation != o.Job.Generation {
		s.LastFailure = nil
	}
	obstacle, leaves := leave(o, d)
	if leaves {
		return
	}
	if !o.PlanStored {
		if lost := restore(o, d, s.Epoch, s.Runtime.PlanHash); lost.Is() {
			obstacle = lost
		}
	}
	if o.DeleteFound { // it was for the state of an earlier job
		d.Actions = append(d.Actions, Action{Kind: DropConsent})
	}
	progress(o, s)
	d.RequeueAfter = PollInterval
	if workers(o)-1 > s.MaxOrdinal { // the fence must know of a worker before it exists
		s.MaxOrdinal = workers(o) - 1
		d.RequeueAfter = soon
	} else if !o.Template.Is() && o.Connection.Reason != v1alpha1.ReasonConnectionMissing {
		image(o, s)
		d.Actions = append(d.Actions, workload(s.Runtime, s.Epoch, s.StateEpoch, workers(o)))
		d.Actions = append(d.Actions, replace(o, s.Epoch)...)
	}
	if gone := absent(o, s.Epoch, o.Job.Status.Parallelism.Current); len(gone) > 0 && !o.Connection.Is() {
		d.Actions = append(d.Actions, Action{Kind: RemoveMembers, Ordinals: gone})
	}
	prove(o, d)
	judge(o, s, obstacle)
}

// leave writes the intent to leave the epoch, if there is a reason to; or else it says what keeps the spec from being followed.
func leave(o *Observed, d *Decision) (obstacle Obstacle, leaves bool) {
	if goesBack(o, d) {
		return Obstacle{}, true
	}
	obstacle, n := wanted(o, &d.Status)
	switch n.kind {
	case "":
	case v1alpha1.AttemptSuspend:
		suspend(o, d, n)
		return Obstacle{}, true
	default:
		begin(o, d, n)
		return Obstacle{}, true
	}
	if p := o.Progress; p != nil && len(p.Added) > 0 && o.PlanStored && !o.Connection.Is() && !o.Template.Is() {
		again(o, d)
		return Obstacle{}, true
	}
	return obstacle, false
}

// wanted is the new epoch that the spec asks for, or the stop; or else what keeps the spec from being followed.
func wanted(o *Observed, s *v1alpha1.StreamJobStatus) (Obstacle, next) {
	if rests(o) {
		return toSuspend(o, s)
	}
	return follow(o, s)
}

// follow compares the plan that the spec asks for with the one that runs, or is to go on: it says which new epoch should begin, or
// what keeps the spec from being followed.
func follow(o *Observed, s *v1alpha1.StreamJobStatus) (Obstacle, next) {
	same := v1alpha1.AttemptNewPlan
	if s.Suspended != nil {
		same = v1alpha1.AttemptResume
	}
	switch {
	case o.Query.Is():
		return refuse(o, s, o.Query)
	case o.Plan == nil: // not compiled: what it would be compiled from has not changed, or can't be read now
		return Obstacle{}, next{}
	case o.Plan.Hash == s.Runtime.PlanHash && s.Suspended == nil:
		s.Runtime.InputHash = o.Plan.InputHash
		accepted(o, s, s.Epoch)
		return Obstacle{}, next{}
	case o.Connection.Is():
		return refuse(o, s, o.Connection)
	case o.Template.Is():
		return refuse(o, s, o.Template)
	case o.Topics.Is():
		return refuse(o, s, o.Topics)
	case o.Plan.StateHash != s.Runtime.StateHash:
		return carry(o, s)
	case s.Suspended != nil:
		return Obstacle{}, next{kind: same, from: s.Suspended.Savepoint}
	default:
		return Obstacle{}, next{kind: same}
	}
}

// refuse says in the conditions why the plan of the spec is not followed.
func refuse(o *Observed, s *v1alpha1.StreamJobStatus, obstacle Obstacle) (Obstacle, next) {
	goesOn := fmt.Sprintf("epoch %d goes on with its query: ", s.Epoch)
	if s.Suspended != nil {
		goesOn = "the job stays suspended: "
	}
	obstacle.Message = goesOn + obstacle.Message
	verdict.Set(&s.Conditions, v1alpha1.ConditionPlanAccepted, false, obstacle.Reason, obstacle.Message, o.Job.Generation, o.Now)
	return obstacle, next{}
}

// image follows the operator's worker image only when the user changed what shapes the pods: a new operator by itself
// restarts no worker.
func image(o *Observed, s *v1alpha1.StreamJobStatus) {
	if hash := PodHash(&o.Job.Spec); hash != s.Runtime.PodHash {
		s.Runtime.Image, s.Runtime.PodHash = o.Image, hash
	}
}

// replace picks the next pod of an older revision: one that does not work at once, one that does only when all pods
// work, and never two.
func replace(o *Observed, epoch int64) []Action {
	settled := slices.ContainsFunc(o.Workloads, func(w Workload) bool { return w.Epoch == epoch && w.Settled })
	if !settled {
		return nil
	}
	var candidate *Pod
	healthy := int32(0)
	for i := range o.Pods {
		p := &o.Pods[i]
		switch {
		case p.Epoch != epoch:
			continue
		case p.Terminating:
			return nil
		case p.Ready:
			healthy++
		}
		if p.Current {
			continue
		}
		if candidate == nil || candidate.Ready && (!p.Ready || p.Ordinal > candidate.Ordinal) {
			candidate = p
		}
	}
	if candidate == nil || candidate.Ready && healthy < workers(o) {
		return nil
	}
	return []Action{{Kind: DeletePod, Pod: candidate.Name}}
}

// absent returns the ordinals above the wanted ones that had a pod and have none any more.
func absent(o *Observed, epoch int64, before int32) []int32 {
	var list []int32
	for ordinal := workers(o); ordinal < before; ordinal++ {
		here := func(p Pod) bool { return p.Epoch == epoch && p.Ordinal == ordinal }
		if !slices.ContainsFunc(o.Pods, here) {
			list = append(list, ordinal)
		}
	}
	return list
}

// progress writes lag and watermark when they changed in earnest.
func progress(o *Observed, s *v1alpha1.StreamJobStatus) {
	if o.Progress == nil {
		return
	}
	s.Lag = lag(s.Lag, o.Progress.LagRecords, o.Now)
	if !o.Progress.Watermark.IsZero() {
		s.Watermark = watermark(s.Watermark, o.Now.Sub(o.Progress.Watermark), o.Now)
	}
}

// lag moves from or to nothing and by a factor of two at once, and a little after a while.
func lag(old *v1alpha1.Lag, records int64, now time.Time) *v1alpha1.Lag {
	if old != nil {
		leap := (old.Records == 0) != (records == 0) || records > 2*old.Records || 2*records < old.Records
		due := records != old.Records && now.Sub(old.ObservedAt.Time) >= LagWriteInterval
		if !leap && !due {
			return old
		}
	}
	return &v1alpha1.Lag{Records: records, ObservedAt: metav1.NewTime(now)}
}

// watermark moves by more than a quarter, and after a while: the delay of an input that has stopped grows with the
// clock, and is written ever more seldom.
func watermark(old *v1alpha1.WatermarkStatus, delay time.Duration, now time.Time) *v1alpha1.WatermarkStatus {
	delay = max(0, delay.Round(delayStep))
	if old != nil && (now.Sub(old.ObservedAt.Time) < LagWriteInterval || (delay-old.Delay.Duration).Abs() <= max(time.Second, old.Delay.Duration/4)) {
		return old
	}
	return &v1alpha1.WatermarkStatus{Delay: metav1.Duration{Duration: delay}, ObservedAt: metav1.NewTime(now)}
}

// judge sums the epoch up as phase and conditions. What keeps the spec from being followed does not make a job that runs
// less ready.
func judge(o *Observed, s *v1alpha1.StreamJobStatus, obstacle Obstacle) {
	p := s.Parallelism
	old := slices.ContainsFunc(o.Pods, func(p Pod) bool { return p.Epoch == s.Epoch && !p.Current })
	was := s.Phase
	v := verdict.Verdict{State: verdict.Reconciling}
	switch {
	case p.Current != p.Desired && was != v1alpha1.PhaseDeploying:
		s.Phase, v.Reason, v.Message = v1alpha1.PhaseScaling, v1alpha1.ReasonScaling, fmt.Sprintf("%d of %d workers exist", p.Current, p.Desired)
	case old:
		s.Phase, v.Reason, v.Message = v1alpha1.PhaseRolling, v1alpha1.ReasonRolling, "workers are being replaced one by one"
	case p.Ready == p.Desired && p.Current == p.Desired:
		s.Phase, v.State, v.Reason = v1alpha1.PhaseRunning, verdict.Ready, v1alpha1.ReasonReady
		v.Message = fmt.Sprintf("all workers run in epoch %d", s.Epoch)
	default:
		v.Reason, v.Message = v1alpha1.ReasonWaitingForWorkers, fmt.Sprintf("%d of %d workers are ready", p.Ready, p.Desired)
		if was == v1alpha1.PhaseRunning {
			s.Phase = v1alpha1.PhaseDegraded
		}
	}
	spec := v
	for _, block := range []Obstacle{obstacle, o.Template, o.Connection} {
		if !block.Is() {
			continue
		}
		spec = verdict.Verdict{State: verdict.Stalled, Reason: block.Reason, Message: block.Message}
		if block.Waiting {
			spec.State = verdict.Reconciling
		}
		v.Message += "; the spec is not followed: " + block.Reason
		break
	}
	v.ApplyBeside(spec, &s.Conditions, o.Job.Generation, o.Now)
}
