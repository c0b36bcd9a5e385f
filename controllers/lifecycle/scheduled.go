package lifecycle

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/schedule"
)

// scheduled asks for a savepoint when one is due, as a StreamSavepoint whose name is made of the time: to ask again asks for no second one. While
// another savepoint of the job is at work it stays due. However many times have passed, one is asked for. The obstacle is what keeps the spec from
// being followed, where it is nothing else already.
func scheduled(o *Observed, d *Decision, obstacle Obstacle) Obstacle {
	s := &d.Status
	if o.Job.Spec.Savepoints == nil || o.Job.Spec.Savepoints.Schedule == nil {
		s.SavepointSchedule = nil
		return obstacle
	}
	spec := o.Job.Spec.Savepoints.Schedule
	times, err := schedule.Parse("cron", spec.Cron, spec.TimeZone)
	if err != nil {
		s.SavepointSchedule = nil
		if !obstacle.Is() {
			obstacle = Obstacle{Reason: v1alpha1.ReasonInvalidSchedule, Message: "no savepoints are made: spec.savepoints.schedule." + err.Error()}
		}
		return obstacle
	}
	now := s.SavepointSchedule
	if now == nil || now.Schedule != times.String() {
		next := &v1alpha1.SavepointScheduleStatus{Schedule: times.String(), Next: metav1.NewTime(times.Next(o.Now))}
		if now != nil {
			next.Last = now.Last
		}
		s.SavepointSchedule, now = next, next
	}
	if left := now.Next.Sub(o.Now); left > 0 {
		d.RequeueAfter = min(d.RequeueAfter, left)
		return obstacle
	}
	if slices.ContainsFunc(o.Records.List, atWork) {
		return obstacle
	}
	due := latest(times, now.Next.Time, o.Now)
	d.Actions = append(d.Actions, Action{Kind: KeepRecord, Record: &NewRecord{
		Name: o.Job.Name + "-" + due.UTC().Format("20060102-1504"), Origin: v1alpha1.OriginScheduled, Policy: v1alpha1.DeletionDelete,
	}})
	last := metav1.NewTime(due)
	s.SavepointSchedule = &v1alpha1.SavepointScheduleStatus{Schedule: now.Schedule, Next: metav1.NewTime(times.Next(o.Now)), Last: &last}
	return obstacle
}

// latest is the last of the times from the first one that is due up to now. After a long pause it is the first one: nobody counts through years.
func latest(times *schedule.Schedule, first, now time.Time) time.Time {
	const most = 100
	due := first
	for range most {
		next := times.Next(due)
		if next.After(now) {
			return due
		}
		due = next
	}
	return due
}

// atWork says whether a savepoint is, or waits to be, made.
func atWork(s v1alpha1.StreamSavepoint) bool {
	switch s.Status.Phase {
	case v1alpha1.SavepointCompleted, v1alpha1.SavepointFailed, v1alpha1.SavepointDeleting:
		return false
	default:
		return s.DeletionTimestamp.IsZero() && s.Spec.Existing == nil
	}
}
