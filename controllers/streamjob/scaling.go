package streamjob

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/autoscale"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// scale lets the autoscaler decide, and puts what it came to into the status that the pass will write: pods change in a later pass, which follows
// what is written.
func (p *pass) scale(ctx context.Context, d *lifecycle.Decision) {
	s, key := &d.Status, client.ObjectKeyFromObject(p.job)
	spec := p.job.Spec.Autoscaling
	if spec == nil || spec.Mode == v1alpha1.AutoscalingOff || spec.Mode == "" {
		p.watches.forget(key)
		scalingOff(s)
		return
	}
	if !p.job.DeletionTimestamp.IsZero() || p.job.Spec.Suspend || s.CompletedAt != nil {
		return
	}
	takeOver(p.job, s, p.observed.Now)
	if spec.ScaleToZero == nil {
		s.Autoscaling.Zero = nil
	}
	owners(p.job, s, p.observed.Now)
	switch {
	case lifecycle.AtZero(p.job) && s.Autoscaling.Zero != nil: // a job that is held in this pass is not at zero any more
		p.watches.forget(key)
		p.wake(d)
	case s.Epoch == 0 || s.Attempt != nil || s.Suspended != nil || s.Held != nil || p.stored == nil:
		p.watches.forget(key)
	default:
		p.decide(ctx, d)
	}
}

// decide samples the workers, if it is time for it, and takes the decision up.
func (p *pass) decide(ctx context.Context, d *lifecycle.Decision) {
	s, now := &d.Status, p.observed.Now
	w := p.watches.of(client.ObjectKeyFromObject(p.job), p.job.UID, s.Epoch)
	a := s.Autoscaling
	policy, err := policyOf(p.job, now)
	if err != nil {
		p.take(d, invalid(a, err))
		return
	}
	outside := a.Mode == v1alpha1.AutoscalingAuto && (int(a.Workers) < policy.Min || int(a.Workers) > policy.Max)
	if now.Sub(w.asked) < sampleInterval && !outside {
		return
	}
	w.asked = now
	w.memory.Add(p.sample(ctx, s.Parallelism.Desired))
	if progress := p.observed.Progress; progress == nil || progress.LagRecords > 0 || s.LastFailure != nil || s.Trial != nil {
		policy.ZeroAfter = 0 // the brokers have a say in it, a stop that has failed is not tried again, and a trial is not given up for it
	}
	in := autoscale.Input{Now: now, Policy: policy, Wanted: int(s.Parallelism.Desired)}
	if a.Mode == v1alpha1.AutoscalingAuto {
		in.Wanted, in.History = int(a.Workers), historyOf(a)
	}
	decision := w.memory.Decide(in)
	if decision.Changed && a.Mode == v1alpha1.AutoscalingAuto {
		w.memory.Applied()
	}
	p.take(d, &decision)
}

// wake looks whether a job without workers is to go on.
func (p *pass) wake(d *lifecycle.Decision) {
	s, a := &d.Status, d.Status.Autoscaling
	policy, err := policyOf(p.job, p.observed.Now)
	if err != nil {
		policy.ZeroAfter = 0 // it goes on, and says so then
	}
	rested := autoscale.Rested{Since: a.Zero.Since.Time, Before: int(a.Workers), Kept: s.Suspended != nil && s.Suspended.Savepoint != ""}
	if p.observed.Progress != nil {
		rested.Known, rested.Lag = true, p.observed.Progress.LagRecords
	}
	decision := autoscale.Wake(p.observed.Now, &policy, rested)
	switch {
	case s.LastFailure != nil:
		decision = autoscale.Decision{Changed: true, Reason: autoscale.NotAtRest, Message: "the job did not come to rest: " + s.LastFailure.Message}
	case a.Zero.Generation != p.job.Generation:
		decision = autoscale.Decision{Changed: true, Reason: autoscale.SpecChanged, Message: "the spec was changed while the job had no workers"}
	}
	if decision.Changed && decision.Workers == 0 {
		decision.Workers = min(max(int(a.Workers), policy.Min), policy.Max)
		decision.Recommended = decision.Workers
	}
	decision.History = historyOf(a)
	if d.RequeueAfter == 0 || d.RequeueAfter > lifecycle.PollInterval {
		d.RequeueAfter = lifecycle.PollInterval
	}
	p.take(d, &decision)
}

// take puts a decision into the status, and tells of it.
func (p *pass) take(d *lifecycle.Decision, decision *autoscale.Decision) {
	told := note(&d.Status, p.job.Generation, decision, p.observed.Now)
	p.Chronicle.Scaling(string(decision.Reason))
	if told.changed && d.Status.Autoscaling.Mode == v1alpha1.AutoscalingAuto {
		d.RequeueAfter = time.Millisecond // the number is in the journal now, and a pass follows it
	}
	if told.event != "" {
		kind := corev1.EventTypeNormal
		if told.warning {
			kind = corev1.EventTypeWarning
		}
		p.scaled = &scaled{kind: kind, reason: string(decision.Reason), message: told.event}
	}
}

// scaled is an event of the autoscaler, which is written when the status is.
type scaled struct{ kind, reason, message string }

func (p *pass) tellScaled() {
	if e := p.scaled; e != nil {
		p.Events.Eventf(p.job, nil, e.kind, e.reason, "Scale", "%s", e.message)
	}
	before := meta.FindStatusCondition(p.before.Status.Conditions, v1alpha1.ConditionTwoOwners)
	if c := meta.FindStatusCondition(p.job.Status.Conditions, v1alpha1.ConditionTwoOwners); c != nil && (before == nil || before.Message != c.Message) {
		p.Events.Eventf(p.job, nil, corev1.EventTypeWarning, v1alpha1.ConditionTwoOwners, "Scale", "%s", c.Message)
	}
}

// scalingConditions are those that a job without autoscaling does not have.
func scalingConditions() []string {
	return []string{
		v1alpha1.ConditionScalingActive, v1alpha1.ConditionAbleToScale, v1alpha1.ConditionScalingLimited, v1alpha1.ConditionSkewDetected, v1alpha1.ConditionTwoOwners,
	}
}

func scalingOff(s *v1alpha1.StreamJobStatus) {
	if s.Autoscaling == nil {
		return
	}
	s.Autoscaling = nil
	for _, name := range scalingConditions() {
		meta.RemoveStatusCondition(&s.Conditions, name)
	}
}

// takeOver begins a mode with the number that the spec has. Before the first start nothing keeps it from its bounds.
func takeOver(job *v1alpha1.StreamJob, s *v1alpha1.StreamJobStatus, now time.Time) {
	mode := job.Spec.Autoscaling.Mode
	if s.Autoscaling != nil && s.Autoscaling.Mode == mode {
		return
	}
	a := &v1alpha1.AutoscalingStatus{Mode: mode, Since: metav1.NewTime(now.Truncate(time.Second)), Parallelism: job.Spec.Parallelism, Workers: job.Spec.Parallelism}
	if s.Autoscaling != nil {
		a.History = s.Autoscaling.History
	}
	if policy, err := policyOf(job, now); err == nil && s.Epoch == 0 && s.Attempt == nil && mode == v1alpha1.AutoscalingAuto {
		a.Workers = int32(min(max(int(a.Workers), policy.Min), policy.Max)) //nolint:gosec // at most 64
	}
	a.Recommendation = a.Workers
	s.Autoscaling = a
	meta.RemoveStatusCondition(&s.Conditions, v1alpha1.ConditionTwoOwners)
}

// owners says who else decides on the number of workers. The autoscaler's counts: a change of spec.parallelism by a person, an autoscaler
// of Kubernetes, or a manifest does nothing but be told of.
func owners(job *v1alpha1.StreamJob, s *v1alpha1.StreamJobStatus, now time.Time) {
	a := s.Autoscaling
	reason, message := "", ""
	if a.Mode == v1alpha1.AutoscalingAuto {
		if job.Spec.Parallelism != a.Parallelism {
			reason, message = v1alpha1.ReasonParallelismChanged, fmt.Sprintf("spec.parallelism was changed from %d to %d", a.Parallelism, job.Spec.Parallelism)
		}
		if manager := scaler(job.ManagedFields, a.Since.Time); manager != "" {
			reason, message = v1alpha1.ReasonScaledByOther, fmt.Sprintf("%s has set spec.parallelism to %d through the scale subresource", manager, job.Spec.Parallelism)
		}
	}
	if reason == "" {
		meta.RemoveStatusCondition(&s.Conditions, v1alpha1.ConditionTwoOwners)
		return
	}
	message += ", which does not count while spec.autoscaling.mode is Auto: the autoscaler has the number. Bound it by minWorkers and maxWorkers, or set the mode to Off; " +
		"a HorizontalPodAutoscaler or ScaledObject of this job is to be deleted"
	say(s, v1alpha1.ConditionTwoOwners, true, reason, message, job.Generation, now)
}
