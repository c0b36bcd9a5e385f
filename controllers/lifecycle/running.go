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
	obstacle, newPlan := follow(o, s)
	if newPlan {
		begin(o, d, v1alpha1.AttemptNewPlan)
		return
	}
	if p := o.Progress; p != nil && len(p.Added) > 0 && o.PlanStored && !o.Connection.Is() && !o.Template.Is() {
		again(o, d)
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
	if o.Job.Spec.Parallelism-1 > s.MaxOrdinal { // the fence must know of a worker before it exists
		s.MaxOrdinal = o.Job.Spec.Parallelism - 1
		d.RequeueAfter = soon
	} else if !o.Template.Is() && o.Connection.Reason != v1alpha1.ReasonConnectionMissing {
		image(o, s)
		d.Actions = append(d.Actions, Action{
			Kind: ApplyWorkload, Epoch: s.Epoch, StateEpoch: s.StateEpoch, Replicas: o.Job.Spec.Parallelism, Image: s.Runtime.Image,
		})
		d.Actions = append(d.Actions, replace(o, s.Epoch)...)
	}
	if gone := absent(o, s.Epoch, o.Job.Status.Parallelism.Current); len(gone) > 0 && !o.Connection.Is() {
		d.Actions = append(d.Actions, Action{Kind: RemoveMembers, Ordinals: gone})
	}
	judge(o, s, obstacle)
}

// follow compares the plan that the spec asks for with the one that runs: it says whether a new epoch should begin, or
// what keeps the spec from being followed.
func follow(o *Observed, s *v1alpha1.StreamJobStatus) (Obstacle, bool) {
	refuse := func(obstacle Obstacle) (Obstacle, bool) {
		obstacle.Message = fmt.Sprintf("epoch %d goes on with its query: %s", s.Epoch, obstacle.Message)
		verdict.Set(&s.Conditions, v1alpha1.ConditionPlanAccepted, false, obstacle.Reason, obstacle.Message, o.Job.Generation, o.Now)
		return obstacle, false
	}
	switch {
	case o.Query.Is():
		return refuse(o.Query)
	case o.Plan == nil: // not compiled: what it would be compiled from has not changed, or can't be read now
		return Obstacle{}, false
	case o.Plan.Hash == s.Runtime.PlanHash:
		s.Runtime.InputHash = o.Plan.InputHash
		accepted(o, s, s.Epoch)
		return Obstacle{}, false
	case o.Plan.StateHash != s.Runtime.StateHash:
		return refuse(StateChanged(o.Plan.Why))
	case o.Connection.Is():
		return refuse(o.Connection)
	case o.Template.Is():
		return refuse(o.Template)
	case o.Topics.Is():
		return refuse(o.Topics)
	default:
		return Obstacle{}, true
	}
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
	if candidate == nil || candidate.Ready && healthy < o.Job.Spec.Parallelism {
		return nil
	}
	return []Action{{Kind: DeletePod, Pod: candidate.Name}}
}

// absent returns the ordinals above the wanted ones that had a pod and have none any more.
func absent(o *Observed, epoch int64, before int32) []int32 {
	var list []int32
	for ordinal := o.Job.Spec.Parallelism; ordinal < before; ordinal++ {
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
