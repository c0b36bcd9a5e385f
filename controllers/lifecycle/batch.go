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

// A batch job is a streaming one whose sources end:
//
//	first start: ends of the sources ─► status.range ─► epoch, as ever: workers are told the ends ─► all tasks are at their ends
//	                                                      ▲      │ suspend, scale, roll, crash             │
//	                                                      └──────┘                                         ▼
//	     Completed ◄─ internal topics and group deleted ◄─ fenced ◄─ workers gone ◄─ attempt{Complete}
//
// The ends are in the journal before a worker is. So whatever crashes, every worker ever made reads to the same ends, and a source that has
// committed that it is there never goes on.

// Reading is how far a batch job is with its range, by committed offsets.
type Reading struct {
	// Left is the number of offsets in the range that are not committed.
	Left int64
	// Tasks is the number of tasks of the job, and Ended of those that have committed that they are at their ends: with all that follows from
	// what they have read, windows included.
	Tasks, Ended int
}

// over says that a batch job has read its range, and that all that follows from it is committed.
func over(o *Observed) bool {
	r := o.Reading
	return o.Job.IsBatch() && r != nil && r.Tasks > 0 && r.Ended == r.Tasks
}

// ranged says whether the ends of a batch job are in the journal; else it writes them there, or says that it waits for them. Those of other topics
// are of a query that was changed before the job began.
func ranged(o *Observed, d *Decision) bool {
	s := &d.Status
	switch {
	case !o.Job.IsBatch():
		return true
	case o.RangeUnfit.Is():
		hold(o, d, o.RangeUnfit)
		return false
	case o.Range != nil && slices.EqualFunc(s.Range, o.Range, sameTopic):
		return true
	}
	hold(o, d, Obstacle{Reason: v1alpha1.ReasonFixingRange, Message: "the ends of the job's sources are being looked up", Waiting: true})
	if o.Range != nil {
		s.Range, d.RequeueAfter = o.Range, soon
	}
	return false
}

func sameTopic(a, b v1alpha1.SourceRange) bool { return a.Topic == b.Topic }

// begun is the obstacle of a batch job whose spec asks for another query than the one that it has begun with.
func begun(s *v1alpha1.StreamJobStatus) Obstacle {
	return Obstacle{Reason: v1alpha1.ReasonBatchBegun, Message: fmt.Sprintf(
		"a batch job is not changed on its way: set the query and its tables back to those of epoch %d, or make a StreamJob of another name", s.Epoch)}
}

// finish writes the intent to end a job that is over.
func finish(o *Observed, d *Decision) {
	intend(o, d, v1alpha1.AttemptComplete, *d.Status.Runtime.DeepCopy(), Action{})
}

// complete closes the attempt that has ended the job. What the job has on Kafka is of no use any more; results are in topics that are not its own.
func complete(o *Observed, d *Decision) {
	s := &d.Status
	if o.Job.Spec.Deletion.InternalTopics != v1alpha1.DeletionRetain {
		d.Actions = append(d.Actions, Action{Kind: CleanUp, Epoch: s.Epoch, MaxOrdinal: s.MaxOrdinal})
	}
	now := metav1.NewTime(o.Now)
	s.CompletedAt, s.Attempt, s.Probation, s.LastFailure, s.Suspended = &now, nil, nil, nil, nil
	s.Lag, s.Watermark = &v1alpha1.Lag{ObservedAt: now}, nil
	if s.Topics != nil {
		s.Topics.Internal = nil
	}
	count(o, s)
	rested(o, s)
}

// rested says that the job is complete. To kstatus it is current, as a Job of Kubernetes is then.
func rested(o *Observed, s *v1alpha1.StreamJobStatus) {
	message := fmt.Sprintf("all of the range was read, %d offsets, and what follows from it is committed", s.RangeRecords())
	s.Phase = v1alpha1.PhaseCompleted
	verdict.Set(&s.Conditions, v1alpha1.ConditionComplete, true, v1alpha1.ReasonCompleted, message, o.Job.Generation, o.Now)
	verdict.Verdict{State: verdict.Ready, Reason: v1alpha1.ReasonCompleted, Message: message}.Apply(&s.Conditions, o.Job.Generation, o.Now)
	for _, name := range []string{v1alpha1.ConditionScalingActive, v1alpha1.ConditionAbleToScale, v1alpha1.ConditionScalingLimited, v1alpha1.ConditionSkewDetected, v1alpha1.ConditionTwoOwners} {
		meta.RemoveStatusCondition(&s.Conditions, name)
	}
}

// completed looks after a job that is complete, until it is old enough to be deleted. Its spec counts no more.
func completed(o *Observed, d *Decision) {
	s := &d.Status
	rested(o, s)
	if others(o, 0) {
		d.Actions = append(d.Actions, Action{Kind: StopOthers, Keep: s.Epoch})
		d.Actions = append(d.Actions, release(o, s.Epoch+1)...) // all were fenced when it ended
		d.RequeueAfter = PollInterval
	}
	ttl := o.Job.Spec.TTLSecondsAfterFinished
	if ttl == nil {
		return
	}
	left := s.CompletedAt.Add(time.Duration(*ttl) * time.Second).Sub(o.Now)
	if left <= 0 {
		d.Actions = append(d.Actions, Action{Kind: DeleteJob})
		return
	}
	if d.RequeueAfter == 0 || left < d.RequeueAfter {
		d.RequeueAfter = left
	}
}
