package lifecycle_test

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// batch has a job of two partitions with a range.
func batch(o *lifecycle.Observed) {
	o.Job.Spec.Mode = v1alpha1.ModeBatch
	o.Job.Status.Range = []v1alpha1.SourceRange{{Topic: "in", From: []int64{0, 0}, To: []int64{6, 4}}}
}

// fresh has a batch job that has never begun, whose topics now end at an offset.
func fresh(end int64) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		o.Job.Spec.Mode, o.PlanStored = v1alpha1.ModeBatch, false
		o.Range = []v1alpha1.SourceRange{{Topic: "in", From: []int64{0}, To: []int64{end}}}
	}
}

// reads has committed so much of its range, and so many of its six tasks are at their ends.
func reads(left int64, ended int) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Reading = &lifecycle.Reading{Left: left, Ended: ended, Tasks: 6} }
}

// isComplete has a job that was complete some time ago.
func isComplete(ago time.Duration) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		at := metav1.NewTime(o.Now.Add(-ago))
		o.Job.Status.CompletedAt = &at
	}
}

func livesFor(seconds int32) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Job.Spec.TTLSecondsAfterFinished = &seconds }
}

func TestABatchJobRunsToItsEndAndIsNotStartedAgain(t *testing.T) {
	away := func(o *lifecycle.Observed) {
		o.Connection = lifecycle.Obstacle{Reason: v1alpha1.ReasonBrokersUnreachable, Message: "away", Waiting: true}
	}
	ending := func(o *lifecycle.Observed) { attempt(3, v1alpha1.PhaseFencing, v1alpha1.AttemptComplete)(o) }
	another := func(o *lifecycle.Observed) { o.Plan.Hash, o.Plan.InputHash = "p2", "i2" }
	retain := func(o *lifecycle.Observed) { o.Job.Spec.Deletion.InternalTopics = v1alpha1.DeletionRetain }
	asleep := func(o *lifecycle.Observed) { o.Job.Spec.Suspend = true }
	grown := func(o *lifecycle.Observed) { o.Progress = &lifecycle.Progress{Added: []string{"in/2"}} }
	const runs = "apply the workload 2/1 x2 w:1; Running epoch 2 Ready (Ready)"
	cases := map[string]struct {
		o    *lifecycle.Observed
		want string
	}{
		"the ends are written down before all else": {world(fresh(7)), "Pending epoch 0 (FixingRange)"},
		"and then it begins":                        {world(fresh(9), batch), "store the plan 1; Fencing epoch 0 attempt 1 Fencing (Fencing)"},
		"it waits where they are not known":         {world(fresh(7), func(o *lifecycle.Observed) { o.Range = nil }), "Pending epoch 0 (FixingRange)"},
		"it can't begin where they are too many": {world(fresh(7), func(o *lifecycle.Observed) {
			o.RangeUnfit = lifecycle.Obstacle{Reason: v1alpha1.ReasonRangeTooLarge, Message: "why"}
		}), "Stalled epoch 0 Stalled by RangeTooLarge (RangeTooLarge)"},
		"it runs while something is left":                  {world(batch, epoch(2), reads(3, 1)), runs},
		"and while a window has not fired":                 {world(batch, epoch(2), reads(0, 5)), runs},
		"and while nobody knows":                           {world(batch, epoch(2)), runs},
		"a streaming job does not end":                     {world(epoch(2), reads(0, 6)), runs},
		"partitions that are added are not read":           {world(batch, epoch(2), reads(1, 0), grown), runs},
		"it ends when all tasks are at their ends":         {world(batch, epoch(2), reads(0, 6)), "Fencing epoch 2 attempt 3 Fencing (Fencing)"},
		"which comes before a stop":                        {world(batch, epoch(2), reads(0, 6), asleep), "Fencing epoch 2 attempt 3 Fencing (Fencing)"},
		"it stops on its way":                              {world(batch, epoch(2), reads(3, 1), asleep), "Fencing epoch 2 attempt 3 Fencing (Fencing)"},
		"another query is not followed":                    {world(batch, epoch(2), reads(3, 1), another), "apply the workload 2/1 x2 w:1; Running epoch 2 Stalled by BatchBegun (BatchBegun)"},
		"its workers may commit and leave":                 {world(batch, epoch(2), ending), "stop former workers 3 keep 2; Fencing epoch 2 attempt 3 Fencing"},
		"then all that it has on Kafka goes":               {world(batch, epoch(2), ending, workersGone), "stop former workers 3 keep 2; fence below 3 to ordinal 1; clean up on Kafka; Completed epoch 2 Ready (Completed)"},
		"but where it is to stay":                          {world(batch, epoch(2), ending, workersGone, retain), "stop former workers 3 keep 2; fence below 3 to ordinal 1; Completed epoch 2 Ready (Completed)"},
		"not while Kafka is away":                          {world(batch, epoch(2), ending, workersGone, away), "Fencing epoch 2 attempt 3 Fencing (BrokersUnreachable)"},
		"it stays complete, whatever its spec says":        {world(batch, epoch(2), workersGone, isComplete(time.Hour), another, asleep), "Completed epoch 2 Ready (Completed)"},
		"a pod that is left goes":                          {world(batch, epoch(2), isComplete(time.Hour)), "stop former workers 0 keep 2; Completed epoch 2 Ready (Completed)"},
		"it is kept as long as it is to live":              {world(batch, epoch(2), workersGone, isComplete(time.Minute), livesFor(100)), "Completed epoch 2 Ready (Completed)"},
		"and is deleted then":                              {world(batch, epoch(2), workersGone, isComplete(time.Minute), livesFor(60)), "delete the job; Completed epoch 2 Ready (Completed)"},
		"deleted, it cleans up once more":                  {world(batch, epoch(2), workersGone, isComplete(time.Minute), deleted(0)), "stop former workers 0; clean up on Kafka; remove the finalizer; Deleting epoch 2 (Deleting)"},
		"and is not held up by brokers that are away":      {world(batch, epoch(2), workersGone, isComplete(time.Minute), deleted(0), away), "stop former workers 0; remove the finalizer; Deleting epoch 2 (Deleting)"},
		"a query changed before the begin has other ends":  {world(batch, fresh(7), func(o *lifecycle.Observed) { o.Range[0].Topic = "other" }), "Pending epoch 0 (FixingRange)"},
		"a job whose rows are made has a range of nothing": {world(fresh(0), func(o *lifecycle.Observed) { o.Range = []v1alpha1.SourceRange{} }), "store the plan 1; Fencing epoch 0 attempt 1 Fencing (Fencing)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tell(lifecycle.Next(c.o)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTheRangeOfABatchJobIsFoundOnce(t *testing.T) {
	o := world(fresh(7))
	d := lifecycle.Next(o)
	if len(d.Status.Range) != 1 || d.Status.Range[0].To[0] != 7 {
		t.Fatalf("the range is %+v", d.Status.Range)
	}
	o.Job.Status = d.Status
	o.Range = []v1alpha1.SourceRange{{Topic: "in", From: []int64{0}, To: []int64{100}}}
	if d = lifecycle.Next(o); d.Status.Attempt == nil || d.Status.Range[0].To[0] != 7 {
		t.Errorf("rows that came later are in the range: %+v", d.Status.Range)
	}
}

func TestACompleteJobSaysSo(t *testing.T) {
	o := world(batch, epoch(2), workersGone, func(o *lifecycle.Observed) { attempt(3, v1alpha1.PhaseFencing, v1alpha1.AttemptComplete)(o) })
	s := lifecycle.Next(o).Status
	if !meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionComplete) || meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionJobRunning) {
		t.Errorf("it says %+v", s.Conditions)
	}
	if s.CompletedAt == nil || !s.CompletedAt.Time.Equal(o.Now) || s.Attempt != nil || s.Parallelism.Desired != 0 || s.Lag == nil || s.Lag.Records != 0 {
		t.Errorf("it is %+v", s)
	}
	if most := v1alpha1.SaysMost(s.Conditions); most == nil || most.Reason != v1alpha1.ReasonCompleted {
		t.Errorf("it says most of it: %+v", most)
	}
}
