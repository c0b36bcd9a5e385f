package lifecycle

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// running looks after an epoch that has been deployed.
func running(o *Observed, d *Decision) {
	s := &d.Status
	if s.Phase == v1alpha1.PhaseTrial { // it is said again below, if it is so
		s.Phase = v1alpha1.PhaseRunning
	}
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
	dropWishes(o, d)
	progress(o, s)
	d.RequeueAfter = PollInterval
	versionGoesOn(o, d, obstacle)
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
	d.Actions = append(d.Actions, evict(o)...)
	d.Actions = append(d.Actions, release(o, s.Epoch)...)
	prove(o, d)
	judge(o, s, scheduled(o, d, obstacle))
	versionRuns(o, s)
	if trying(s) && s.Phase == v1alpha1.PhaseRunning {
		s.Phase = v1alpha1.PhaseTrial
	}
}

// dropWishes takes off what users have annotated and was for another time.
func dropWishes(o *Observed, d *Decision) {
	if o.DeleteFound { // for the state of an earlier job
		d.Actions = append(d.Actions, Action{Kind: DropConsent})
	}
	if o.TryAgain { // for a job that was held
		d.Actions = append(d.Actions, Action{Kind: DropTryAgain})
	}
}

// leave writes the intent to leave the epoch, if there is a reason to; or else it says what keeps the spec from being followed.
func leave(o *Observed, d *Decision) (obstacle Obstacle, leaves bool) {
	if over(o) {
		finish(o, d)
		return Obstacle{}, true
	}
	if goesBack(o, d) {
		return Obstacle{}, true
	}
	obstacle, n := wanted(o, &d.Status)
	takeBackTrial(o, d, n)
	if n.kind == v1alpha1.AttemptSuspend {
		suspend(o, d, n)
		return Obstacle{}, true
	}
	if n.kind != "" {
		if obstacle = try(o, d, n); !obstacle.Is() {
			begin(o, d, n)
			if untried(o, &d.Status) {
				skipped(o, d)
			}
			return Obstacle{}, true
		}
	}
	if fallsBack(o, d) { // the spec is not followed yet, or not at all
		return Obstacle{}, true
	}
	return obstacle, takesUp(o, d)
}

// takesUp begins a new epoch for partitions that were added; behind a trial, where one is under way.
func takesUp(o *Observed, d *Decision) bool {
	p := o.Progress
	if trying(&d.Status) || p == nil || len(p.Added) == 0 || o.Job.IsBatch() || !o.PlanStored || o.Connection.Is() || o.Template.Is() {
		return false
	}
	again(o, d)
	return true
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
	switch {
	case o.Query.Is():
		return refuse(o, s, o.Query)
	case o.Plan == nil: // not compiled: what it would be compiled from has not changed, or can't be read now
		return Obstacle{}, next{}
	case o.Plan.Hash == s.Runtime.PlanHash && s.Suspended == nil:
		s.Runtime.InputHash = o.Plan.InputHash
		accepted(o, s, s.Epoch)
		return Obstacle{}, next{}
	case o.Job.IsBatch() && o.Plan.Hash != s.Runtime.PlanHash:
		return refuse(o, s, begun(s))
	}
	for _, obstacle := range []Obstacle{o.Connection, o.Template, o.Topics} {
		if obstacle.Is() {
			return refuse(o, s, obstacle)
		}
	}
	switch {
	case o.Plan.StateHash != s.Runtime.StateHash:
		return carry(o, s)
	case s.Suspended != nil && s.Suspended.Savepoint != "" && o.Plan.NoCommands:
		return refuse(o, s, BeginsFromNone(o.Plan.Format))
	case s.Suspended != nil:
		return Obstacle{}, next{kind: v1alpha1.AttemptResume, from: s.Suspended.Savepoint}
	default:
		return Obstacle{}, next{kind: v1alpha1.AttemptNewPlan}
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

// image follows the operator's worker image, and the pods that it would make, only when the user changed what shapes them: a new operator by itself
// restarts no worker. Where no worker runs, because the image can't be had, there is none to restart. After a way back the image may be what
// workers did not start of, so it waits for the next change of the spec; and so it may be after a trial that failed, and is not known before it is over.
func image(o *Observed, s *v1alpha1.StreamJobStatus) {
	if s.LastFailure != nil && (s.LastFailure.Reason == v1alpha1.ReasonRolledBack || s.LastFailure.Reason == v1alpha1.ReasonTrialFailed) || trying(s) {
		return
	}
	absent := s.Parallelism.Ready == 0 && trouble(o, s.Epoch).Reason == v1alpha1.ReasonImagePullFailed
	if hash := PodHash(&o.Job.Spec, &o.Brokers); hash != s.Runtime.PodHash || absent {
		s.Runtime.Image, s.Runtime.PodHash = o.Image, hash
	}
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

// progress writes how far the job has come, at most twice a minute, where it changed in earnest: what each job writes, five hundred
// write as well.
func progress(o *Observed, s *v1alpha1.StreamJobStatus) {
	if o.Progress == nil {
		return
	}
	first := s.Lag == nil || s.Watermark == nil && !o.Progress.Watermark.IsZero()
	if !first && o.Now.Sub(s.Lag.ObservedAt.Time) < ProgressInterval {
		return
	}
	at := metav1.NewTime(o.Now)
	lag := &v1alpha1.Lag{Records: o.Progress.LagRecords, ObservedAt: at}
	if o.Reading != nil {
		lag.Records = o.Reading.Left
	}
	var delay *v1alpha1.WatermarkStatus
	if !o.Progress.Watermark.IsZero() {
		delay = &v1alpha1.WatermarkStatus{Delay: metav1.Duration{Duration: max(0, o.Now.Sub(o.Progress.Watermark).Round(delayStep))}, ObservedAt: at}
	}
	if s.Lag != nil && s.Lag.Records == lag.Records && !lags(s.Watermark, delay, lag.Records) {
		return
	}
	s.Lag = lag
	if delay != nil {
		s.Watermark = delay
	}
}

// lags says whether the watermark's delay is another one by more than a quarter. That of a job that has read all stands still, and what
// grows is the clock.
func lags(before, now *v1alpha1.WatermarkStatus, lag int64) bool {
	if before == nil || now == nil {
		return now != nil
	}
	apart := (now.Delay.Duration - before.Delay.Duration).Abs()
	stands := lag == 0 && (apart-now.ObservedAt.Sub(before.ObservedAt.Time)).Abs() <= time.Second
	return !stands && apart > max(time.Second, before.Delay.Duration/4)
}

// follows says that what runs has been what the spec says: then a connection that the operator can't use takes nothing from that, and
// TopicsReady says it.
func follows(job *v1alpha1.StreamJob) bool {
	c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == job.Generation
}

// judge sums the epoch up as phase and conditions. What keeps the spec from being followed takes nothing from a job that runs, as phase
// and JobRunning say; but the job is not as its spec says, which is what Ready means to those who wait for it.
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
		v.Message = fmt.Sprintf("all workers run in epoch %d", s.Epoch) + onProbation(s)
	default:
		v.Reason, v.Message = v1alpha1.ReasonWaitingForWorkers, fmt.Sprintf("%d of %d workers are ready", p.Ready, p.Desired)
		if was == v1alpha1.PhaseRunning {
			s.Phase = v1alpha1.PhaseDegraded
		}
	}
	if t := trouble(o, s.Epoch); t.Is() && v.State != verdict.Ready {
		v.Reason, v.Message = t.Reason, v.Message+"; "+t.Message
	}
	blocks := []Obstacle{obstacle, o.Template}
	if v.State == verdict.Ready && !follows(o.Job) {
		blocks = append(blocks, o.Connection)
	}
	for _, block := range blocks {
		if !block.Is() {
			continue
		}
		v = verdict.Verdict{State: verdict.Stalled, Reason: block.Reason, Message: block.Message}
		if block.Waiting {
			v.State = verdict.Reconciling
		}
		break
	}
	v.Apply(&s.Conditions, o.Job.Generation, o.Now)
}
