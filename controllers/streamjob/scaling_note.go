package streamjob

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/autoscale"
	"github.com/millrace/millrace/controllers/verdict"
)

// The status is written on decisions, and else only so often: a change of words each half minute, one of numbers each ten minutes.
const (
	wordsInterval   = 30 * time.Second
	numbersInterval = 10 * time.Minute
)

// told is what there is to tell of a decision.
type told struct {
	changed bool
	// event is the text of an event; empty where none is due.
	event   string
	warning bool
}

// note puts a decision into a status.
func note(s *v1alpha1.StreamJobStatus, generation int64, d *autoscale.Decision, now time.Time) told {
	a := s.Autoscaling
	t := number(s, generation, d, now)
	other := string(d.Reason) != a.Reason || int32(d.Recommended) != a.Recommendation //nolint:gosec // at most 64
	worth := t.changed || other && words(a, now) || d.Message != a.Message && due(a, now, numbersInterval)
	if !worth {
		return t
	}
	if string(d.Reason) != a.Reason && grave(d.Reason) {
		t.event, t.warning = d.Message, true
	}
	at := metav1.NewTime(now)
	a.Recommendation, a.Reason, a.Message, a.UpdatedAt = int32(d.Recommended), string(d.Reason), d.Message, &at //nolint:gosec // at most 64
	for _, c := range d.Conditions {
		say(s, string(c.Aspect), c.Holds, string(c.Reason), c.Message, generation, now)
	}
	return t
}

// number puts the number of workers that was decided on into a status, or the one that would be.
func number(s *v1alpha1.StreamJobStatus, generation int64, d *autoscale.Decision, now time.Time) told {
	a := s.Autoscaling
	if a.Mode == v1alpha1.AutoscalingAuto {
		if d.Changed {
			change(a, generation, d, now)
			return told{changed: true, event: d.Message}
		}
		a.History = decisionsOf(d.History, a.History)
		return told{}
	}
	switch advice := int32(d.Workers); { //nolint:gosec // at most 64
	case d.Changed && advice != a.Workers && words(a, now):
		a.Workers = advice
		return told{changed: true, event: "with spec.autoscaling.mode Auto: " + d.Message}
	case !d.Changed && d.Reason == autoscale.Steady && words(a, now):
		a.Workers = s.Parallelism.Desired
	}
	return told{}
}

func words(a *v1alpha1.AutoscalingStatus, now time.Time) bool { return due(a, now, wordsInterval) }

func due(a *v1alpha1.AutoscalingStatus, now time.Time, interval time.Duration) bool {
	return a.UpdatedAt == nil || now.Sub(a.UpdatedAt.Time) >= interval
}

// grave says whether a reason is one that a person may have to do something about.
func grave(r autoscale.Reason) bool {
	switch r {
	case autoscale.Ineffective, autoscale.Skewed, autoscale.NoProgress, autoscale.WorkersNotReady, autoscale.Backpressure, autoscale.WorkersIdle,
		autoscale.LimitedByPartitions, autoscale.LimitedByMaximum, autoscale.InvalidSchedule:
		return true
	default:
		return false
	}
}

// change writes a new number of workers, and the record of it.
func change(a *v1alpha1.AutoscalingStatus, generation int64, d *autoscale.Decision, now time.Time) {
	from := int(a.Workers)
	if a.Zero != nil {
		from = 0
	}
	if d.Workers == 0 {
		a.Zero = &v1alpha1.ScaledToZero{Since: metav1.NewTime(now.Truncate(time.Second)), Generation: generation}
	} else {
		a.Zero, a.Workers = nil, int32(d.Workers) //nolint:gosec // at most 64
	}
	history := d.History.With(autoscale.Record{At: now.Truncate(time.Second), From: from, To: d.Workers, Reason: d.Reason, Rows: d.Rows})
	a.History = decisionsOf(history, a.History)
	a.History[len(a.History)-1].Message = d.Message
}

// say writes a condition where its status or reason is another one: its numbers alone are not worth a write.
func say(s *v1alpha1.StreamJobStatus, name string, holds bool, reason, message string, generation int64, now time.Time) {
	status := metav1.ConditionFalse
	if holds {
		status = metav1.ConditionTrue
	}
	if c := meta.FindStatusCondition(s.Conditions, name); c == nil || c.Status != status || c.Reason != reason || name == v1alpha1.ConditionTwoOwners && c.Message != message {
		verdict.Set(&s.Conditions, name, holds, reason, message, generation, now)
	}
}

// historyOf reads the records that the status has.
func historyOf(a *v1alpha1.AutoscalingStatus) autoscale.History {
	h := make(autoscale.History, 0, len(a.History))
	for i := range a.History {
		r := &a.History[i]
		record := autoscale.Record{
			At: r.At.Time, From: int(r.From), To: int(r.To), Reason: autoscale.Reason(r.Reason), Rows: float64(r.RowsPerSecond), Ineffective: r.Ineffective,
		}
		if r.Settled != nil {
			record.Settled = r.Settled.Duration
		}
		h = append(h, record)
	}
	return h
}

// decisionsOf writes records, with the messages that those of the same time have.
func decisionsOf(h autoscale.History, before []v1alpha1.ScalingDecision) []v1alpha1.ScalingDecision {
	var list []v1alpha1.ScalingDecision
	for _, r := range h {
		d := v1alpha1.ScalingDecision{
			At: metav1.NewTime(r.At), From: int32(r.From), To: int32(r.To), Reason: string(r.Reason), RowsPerSecond: int64(r.Rows), Ineffective: r.Ineffective, //nolint:gosec // at most 64
		}
		if r.Settled > 0 {
			d.Settled = &metav1.Duration{Duration: r.Settled}
		}
		for i := range before {
			if before[i].At.Time.Equal(r.At) && before[i].To == d.To {
				d.Message = before[i].Message
			}
		}
		list = append(list, d)
	}
	return list
}
