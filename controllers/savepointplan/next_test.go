package savepointplan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/savepointplan"
	"github.com/millrace/millrace/controllers/verdict"
)

var start = time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC)

const id = "sp-20261128T070000Z-1a2b3c4d"

func savepoint() *v1alpha1.StreamSavepoint {
	return &v1alpha1.StreamSavepoint{
		ObjectMeta: metav1.ObjectMeta{Name: "before", Namespace: "shop", UID: "1a2b3c4d-0000-4000-8000-000000000000", CreationTimestamp: metav1.NewTime(start), Generation: 1},
		Spec: v1alpha1.StreamSavepointSpec{
			JobRef: v1alpha1.JobReference{Name: "sales"}, Origin: v1alpha1.OriginManual, Deadline: metav1.Duration{Duration: time.Minute}, DeletionPolicy: v1alpha1.DeletionDelete,
		},
	}
}

func runningJob() *v1alpha1.StreamJob {
	j := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Name: "sales", Namespace: "shop"}}
	j.Spec.Savepoints = &v1alpha1.Savepoints{URL: "s3://bucket/prefix?region=x"}
	j.Status = v1alpha1.StreamJobStatus{Epoch: 3, StateEpoch: 2, Prefix: "c.shop.sales", Parallelism: v1alpha1.ParallelismStatus{Current: 1, Ready: 1, Desired: 1}, Runtime: &v1alpha1.RuntimeStatus{}}
	return j
}

func observed() *savepointplan.Observed {
	return &savepointplan.Observed{Now: start, Savepoint: savepoint(), Finalizer: true, Job: runningJob(), Prefix: "c.shop.sales", Commands: true}
}

// asked is a savepoint that the job was asked for.
func asked(made savepointplan.Made) *savepointplan.Observed {
	o := observed()
	o.Savepoint.Status = savepointplan.Next(o).Status
	o.Made = &made
	return o
}

func reason(d *savepointplan.Decision) string {
	return verdict.Reason(d.Status.Conditions, v1alpha1.ConditionReady)
}

func kinds(actions []savepointplan.Action) (list []savepointplan.ActionKind) {
	for _, a := range actions {
		list = append(list, a.Kind)
	}
	return list
}

func TestWhatIsAskedForIsWrittenBeforeItIsAsked(t *testing.T) {
	o := observed()
	d := savepointplan.Next(o)
	s := d.Status
	if len(d.Actions) > 0 || s.Phase != v1alpha1.SavepointInProgress || s.ID != id || s.StateEpoch != 2 || s.Epoch != 3 || !s.Deadline.Equal(&metav1.Time{Time: start.Add(time.Minute)}) {
		t.Errorf("%v %+v", d.Actions, s)
	}
	if s.Location != "s3://bucket/prefix/c.shop.sales/savepoints/"+id {
		t.Errorf("at %s", s.Location)
	}
	o.Savepoint.Status, o.Made = s, &savepointplan.Made{}
	d = savepointplan.Next(o)
	want := savepointplan.Action{Kind: savepointplan.Ask, ID: id, StateEpoch: 2, Deadline: start.Add(time.Minute)}
	if !slices.Equal(d.Actions, []savepointplan.Action{want}) {
		t.Errorf("actions %v", d.Actions)
	}
}

// Each of them is named with what to do, and none is for good: with the obstacle gone the job is asked.
func TestWhatKeepsTheJobFromBeingAskedIsNamedAndGoesAwayByItself(t *testing.T) {
	deleted := metav1.NewTime(start)
	cases := map[string]struct {
		change func(o *savepointplan.Observed)
		reason string
		remedy string
	}{
		"no such job":        {func(o *savepointplan.Observed) { o.Job = nil }, v1alpha1.ReasonJobMissing, "make it"},
		"a job that goes":    {func(o *savepointplan.Observed) { o.Job.DeletionTimestamp = &deleted }, v1alpha1.ReasonDeleting, "spec.deletion.savepoint"},
		"no place":           {func(o *savepointplan.Observed) { o.Job.Spec.Savepoints = nil }, v1alpha1.ReasonSavepointsMissing, "set spec.savepoints.url"},
		"suspended":          {func(o *savepointplan.Observed) { o.Job.Status.Suspended = &v1alpha1.Suspension{} }, v1alpha1.ReasonSuspended, "set spec.suspend of the job to false"},
		"suspended at one":   {func(o *savepointplan.Observed) { o.Job.Status.Suspended = &v1alpha1.Suspension{Savepoint: "sp-1"} }, v1alpha1.ReasonSuspended, "its state is the savepoint sp-1"},
		"never started":      {func(o *savepointplan.Observed) { o.Job.Status.Epoch = 0 }, v1alpha1.ReasonJobNotStarted, "its conditions say why"},
		"upgrading":          {func(o *savepointplan.Observed) { o.Job.Status.Attempt = &v1alpha1.Attempt{} }, v1alpha1.ReasonJobBusy, "begins a new epoch"},
		"an old plan":        {func(o *savepointplan.Observed) { o.Commands = false }, v1alpha1.ReasonSavepointsUnknown, "the next change of its query"},
		"rolling":            {func(o *savepointplan.Observed) { o.Elsewhere = true }, v1alpha1.ReasonRolling, "spec.savepoints.url first"},
		"no worker is ready": {func(o *savepointplan.Observed) { o.Job.Status.Parallelism.Ready = 0 }, v1alpha1.ReasonWaitingForWorkers, "no worker"},
		"another one first":  {func(o *savepointplan.Observed) { o.Before = "other" }, v1alpha1.ReasonWaitingForSavepoint, "other first"},
		"no brokers": {func(o *savepointplan.Observed) {
			o.Connection = lifecycle.Obstacle{Reason: v1alpha1.ReasonBrokersUnreachable, Message: "dial", Waiting: true}
		}, v1alpha1.ReasonBrokersUnreachable, "dial"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := observed()
			c.change(o)
			d := savepointplan.Next(o)
			if d.Status.Phase != v1alpha1.SavepointPending || reason(&d) != c.reason || !strings.Contains(d.Status.Conditions[0].Message, c.remedy) || d.RequeueAfter == 0 {
				t.Errorf("%s %s: %+v", d.Status.Phase, reason(&d), d.Status.Conditions)
			}
			now := observed()
			now.Savepoint.Status = d.Status
			if d = savepointplan.Next(now); d.Status.Phase != v1alpha1.SavepointInProgress {
				t.Errorf("then it is %s: %+v", d.Status.Phase, d.Status.Conditions)
			}
		})
	}
}

func TestASavepointIsWhatTheJobSaysOfIt(t *testing.T) {
	deadline := start.Add(time.Minute)
	cases := map[string]struct {
		made   savepointplan.Made
		later  time.Duration
		change func(o *savepointplan.Observed)
		want   v1alpha1.SavepointPhase
		reason string
		asks   bool
	}{
		"it is asked":             {made: savepointplan.Made{State: savepointplan.Asked, Deadline: deadline}, want: v1alpha1.SavepointInProgress, reason: v1alpha1.ReasonSavepointing},
		"another one is at work":  {made: savepointplan.Made{State: savepointplan.Busy}, want: v1alpha1.SavepointInProgress, reason: v1alpha1.ReasonSavepointing},
		"it is there":             {made: savepointplan.Made{State: savepointplan.Finished, Rows: 7, Bytes: 9}, want: v1alpha1.SavepointCompleted, reason: v1alpha1.ReasonSavepointCompleted},
		"it is there, seen late":  {made: savepointplan.Made{State: savepointplan.Finished}, later: time.Hour, want: v1alpha1.SavepointCompleted, reason: v1alpha1.ReasonSavepointCompleted},
		"there will be none":      {made: savepointplan.Made{State: savepointplan.Failed, Reason: "x"}, want: v1alpha1.SavepointFailed, reason: v1alpha1.ReasonSavepointFailed},
		"nobody says anything":    {made: savepointplan.Made{State: savepointplan.Asked, Deadline: deadline}, later: 2 * time.Minute, want: v1alpha1.SavepointFailed, reason: v1alpha1.ReasonSavepointFailed},
		"forgotten, asked again":  {later: time.Hour, want: v1alpha1.SavepointInProgress, reason: v1alpha1.ReasonSavepointing, asks: true},
		"not asked, and can't be": {change: func(o *savepointplan.Observed) { o.Job.Status.Suspended = &v1alpha1.Suspension{} }, want: v1alpha1.SavepointPending, reason: v1alpha1.ReasonSuspended},
		"asked, then suspended": {
			made:   savepointplan.Made{State: savepointplan.Asked, Deadline: deadline},
			change: func(o *savepointplan.Observed) { o.Job.Status.Suspended = &v1alpha1.Suspension{} }, want: v1alpha1.SavepointInProgress, reason: v1alpha1.ReasonSavepointing,
		},
		"the job began anew":      {change: func(o *savepointplan.Observed) { o.Job.Status.StateEpoch = 3 }, want: v1alpha1.SavepointFailed, reason: v1alpha1.ReasonSavepointFailed},
		"it was there before":     {made: savepointplan.Made{State: savepointplan.Finished}, change: func(o *savepointplan.Observed) { o.Job.Status.StateEpoch = 3 }, want: v1alpha1.SavepointCompleted, reason: v1alpha1.ReasonSavepointCompleted},
		"the job is gone":         {change: func(o *savepointplan.Observed) { o.Job = nil }, want: v1alpha1.SavepointFailed, reason: v1alpha1.ReasonJobMissing},
		"Kafka does not answer":   {change: func(o *savepointplan.Observed) { o.Made = nil }, later: time.Hour, want: v1alpha1.SavepointInProgress, reason: v1alpha1.ReasonSavepointing},
		"a record of another job": {made: savepointplan.Made{State: savepointplan.Asked, Deadline: deadline, Cut: true}, want: v1alpha1.SavepointInProgress, reason: v1alpha1.ReasonSavepointing},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := asked(c.made)
			o.Now = start.Add(c.later)
			if c.change != nil {
				c.change(o)
			}
			d := savepointplan.Next(o)
			if d.Status.Phase != c.want || reason(&d) != c.reason || (len(d.Actions) > 0) != c.asks {
				t.Errorf("%s %s %v: %+v", d.Status.Phase, reason(&d), d.Actions, d.Status.Conditions)
			}
			if c.asks && (d.Actions[0].ID != id || !d.Actions[0].Deadline.Equal(o.Now.Add(time.Minute))) {
				t.Errorf("asks %+v", d.Actions[0])
			}
			if c.want == v1alpha1.SavepointInProgress && d.RequeueAfter == 0 {
				t.Error("nobody looks again")
			}
		})
	}
}

func TestASavepointThatIsThereIsTakenUp(t *testing.T) {
	o := observed()
	o.Job, o.Savepoint.Spec.Existing = nil, &v1alpha1.ExistingSavepoint{ID: "sp-x"}
	if d := savepointplan.Next(o); d.Status.Phase != v1alpha1.SavepointPending || reason(&d) != v1alpha1.ReasonSavepointsMissing {
		t.Errorf("%+v", d.Status)
	}
	o.Savepoint.Spec.Existing.URL = "file:///saves"
	d := savepointplan.Next(o)
	if s := d.Status; s.Phase != v1alpha1.SavepointCompleted || s.ID != "sp-x" || s.Location != "file:///saves/c.shop.sales/savepoints/sp-x" || s.Job != "c.shop.sales" {
		t.Errorf("%+v", s)
	}
}

func TestARecordGoesBehindItsData(t *testing.T) {
	gone := metav1.NewTime(start)
	failed := &savepointplan.Removal{Failed: true, Since: start, Why: "denied"}
	cases := map[string]struct {
		change func(o *savepointplan.Observed)
		want   []savepointplan.ActionKind
		phase  v1alpha1.SavepointPhase
		reason string // of a condition or a notice
	}{
		"it says so first":    {func(*savepointplan.Observed) {}, nil, v1alpha1.SavepointDeleting, v1alpha1.ReasonDeleting},
		"the data stays":      {func(o *savepointplan.Observed) { o.Savepoint.Spec.DeletionPolicy = v1alpha1.DeletionRetain }, []savepointplan.ActionKind{savepointplan.RemoveFinalizer}, v1alpha1.SavepointCompleted, ""},
		"a job goes on there": {func(o *savepointplan.Observed) { o.Job.Status.Suspended = &v1alpha1.Suspension{Savepoint: id} }, nil, v1alpha1.SavepointCompleted, v1alpha1.ReasonInUse},
		"both go": {func(o *savepointplan.Observed) {
			o.Job.Status.Suspended, o.Job.DeletionTimestamp = &v1alpha1.Suspension{Savepoint: id}, &gone
		}, nil, v1alpha1.SavepointDeleting, v1alpha1.ReasonDeleting},
		"then the work begins": {func(o *savepointplan.Observed) { o.Savepoint.Status.Phase = v1alpha1.SavepointDeleting }, []savepointplan.ActionKind{savepointplan.StartRemoval}, v1alpha1.SavepointDeleting, v1alpha1.ReasonDeleting},
		"it is at work": {func(o *savepointplan.Observed) {
			o.Savepoint.Status.Phase, o.Removal = v1alpha1.SavepointDeleting, &savepointplan.Removal{}
		}, nil, v1alpha1.SavepointDeleting, ""},
		"it is done": {func(o *savepointplan.Observed) {
			o.Savepoint.Status.Phase, o.Removal = v1alpha1.SavepointDeleting, &savepointplan.Removal{Done: true}
		}, []savepointplan.ActionKind{savepointplan.RemoveFinalizer}, v1alpha1.SavepointDeleting, v1alpha1.ReasonDataDeleted},
		"it fails": {func(o *savepointplan.Observed) {
			o.Savepoint.Status.Phase, o.Removal = v1alpha1.SavepointDeleting, failed
		}, nil, v1alpha1.SavepointDeleting, v1alpha1.ReasonDeletionFailed},
		"it is tried again": {func(o *savepointplan.Observed) {
			o.Savepoint.Status.Phase, o.Removal, o.Now = v1alpha1.SavepointDeleting, failed, start.Add(2*time.Minute)
		}, []savepointplan.ActionKind{savepointplan.ForgetRemoval}, v1alpha1.SavepointDeleting, v1alpha1.ReasonDeletionFailed},
		"not for ever": {func(o *savepointplan.Observed) {
			o.Savepoint.Status.Phase, o.Removal, o.Now = v1alpha1.SavepointDeleting, failed, start.Add(time.Hour)
		}, []savepointplan.ActionKind{savepointplan.RemoveFinalizer}, v1alpha1.SavepointDeleting, v1alpha1.ReasonDataLeft},
		"the user has enough of it": {func(o *savepointplan.Observed) {
			o.Savepoint.Status.Phase, o.Removal, o.Savepoint.Spec.DeletionPolicy = v1alpha1.SavepointDeleting, failed, v1alpha1.DeletionRetain
		}, []savepointplan.ActionKind{savepointplan.RemoveFinalizer}, v1alpha1.SavepointDeleting, ""},
		"the namespace goes": {func(o *savepointplan.Observed) {
			o.Savepoint.Status.Phase, o.NamespaceGoes = v1alpha1.SavepointDeleting, true
		}, []savepointplan.ActionKind{savepointplan.RemoveFinalizer}, v1alpha1.SavepointDeleting, v1alpha1.ReasonDataLeft},
		"one that is being made":   {func(o *savepointplan.Observed) { o.Savepoint.Status.Phase = v1alpha1.SavepointInProgress }, []savepointplan.ActionKind{savepointplan.Cancel}, v1alpha1.SavepointDeleting, v1alpha1.ReasonDeleting},
		"one that was never begun": {func(o *savepointplan.Observed) { o.Savepoint.Status = v1alpha1.StreamSavepointStatus{} }, []savepointplan.ActionKind{savepointplan.RemoveFinalizer}, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := asked(savepointplan.Made{State: savepointplan.Finished})
			o.Savepoint.Status = savepointplan.Next(o).Status
			o.Savepoint.Status.Conditions = nil
			o.Savepoint.DeletionTimestamp, o.Made = &gone, nil
			c.change(o)
			d := savepointplan.Next(o)
			said := reason(&d)
			if said == "" {
				said = d.Notice.Reason
			}
			if !slices.Equal(kinds(d.Actions), c.want) || d.Status.Phase != c.phase || said != c.reason {
				t.Errorf("%v %s %q: %+v", kinds(d.Actions), d.Status.Phase, said, d.Status.Conditions)
			}
			if !slices.Contains(c.want, savepointplan.RemoveFinalizer) && d.RequeueAfter == 0 {
				t.Error("nobody looks again")
			}
		})
	}
}
