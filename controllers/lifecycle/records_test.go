package lifecycle_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

func recordOf(name string, phase v1alpha1.SavepointPhase, ago time.Duration, changes ...func(*v1alpha1.StreamSavepoint)) v1alpha1.StreamSavepoint {
	at := metav1.NewTime(time.Unix(100_000, 0).Add(-ago))
	s := v1alpha1.StreamSavepoint{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: at}}
	s.Spec = v1alpha1.StreamSavepointSpec{JobRef: v1alpha1.JobReference{Name: "j"}, Origin: v1alpha1.OriginScheduled, DeletionPolicy: v1alpha1.DeletionDelete}
	s.Status = v1alpha1.StreamSavepointStatus{Phase: phase, ID: "id-" + name, URL: "file:///saves", Job: "c.ns.j"}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func TestWhatRetentionDeletes(t *testing.T) {
	const completed, hour = v1alpha1.SavepointCompleted, time.Hour
	two, day := int32(2), metav1.Duration{Duration: 24 * hour}
	count := v1alpha1.SavepointRetention{MaxCount: &two, Origins: []v1alpha1.SavepointOrigin{v1alpha1.OriginScheduled}}
	age := v1alpha1.SavepointRetention{MaxAge: &day, Origins: []v1alpha1.SavepointOrigin{v1alpha1.OriginScheduled}}
	four := func(changes ...func(*v1alpha1.StreamSavepoint)) []v1alpha1.StreamSavepoint {
		return []v1alpha1.StreamSavepoint{
			recordOf("b", completed, 2*hour), recordOf("a", completed, hour), recordOf("d", completed, 40*hour, changes...), recordOf("c", completed, 30*hour),
		}
	}
	manual := func(s *v1alpha1.StreamSavepoint) { s.Spec.Origin = v1alpha1.OriginManual }
	cases := map[string]struct {
		retention *v1alpha1.SavepointRetention
		list      []v1alpha1.StreamSavepoint
		status    func(s *v1alpha1.StreamJobStatus)
		want      string
		left      time.Duration
	}{
		"nothing without a policy":                  {nil, four(), nil, "", 0},
		"what is more than the count":               {&count, four(), nil, "c d", 0},
		"what is too old":                           {&age, four(), nil, "c d", 22 * hour},
		"never a manual one":                        {&count, four(manual), nil, "c", 0},
		"a manual one where that is asked":          {&v1alpha1.SavepointRetention{MaxCount: &two, Origins: []v1alpha1.SavepointOrigin{v1alpha1.OriginManual, v1alpha1.OriginScheduled}}, four(manual), nil, "c d", 0},
		"never one that a user keeps":               {&count, four(func(s *v1alpha1.StreamSavepoint) { s.Spec.DeletionPolicy = v1alpha1.DeletionRetain }), nil, "c", 0},
		"never the one that the job began from":     {&count, four(), func(s *v1alpha1.StreamJobStatus) { s.Runtime = &v1alpha1.RuntimeStatus{RestoreFrom: "id-d"} }, "c", 0},
		"never the one that the job rests at":       {&count, four(), func(s *v1alpha1.StreamJobStatus) { s.Suspended = &v1alpha1.Suspension{Savepoint: "id-c"} }, "d", 0},
		"never the one that an attempt begins from": {&count, four(), func(s *v1alpha1.StreamJobStatus) { s.Attempt = &v1alpha1.Attempt{Savepoint: "id-c"} }, "d", 0},
		"never the newest, however old":             {&age, []v1alpha1.StreamSavepoint{recordOf("old", completed, 90*hour), recordOf("older", completed, 91*hour)}, nil, "older", 0},
		"the newest counts whatever its origin": {&age, []v1alpha1.StreamSavepoint{
			recordOf("mine", completed, hour, manual), recordOf("old", completed, 90*hour),
		}, nil, "old", 0},
		"but not that of a trial, which goes with it": {&age, []v1alpha1.StreamSavepoint{
			recordOf("trial", completed, hour, func(s *v1alpha1.StreamSavepoint) { s.Spec.Origin = v1alpha1.OriginTrial }), recordOf("old", completed, 90*hour),
		}, nil, "", 0},
		"one that is going is not the newest": {&age, []v1alpha1.StreamSavepoint{
			recordOf("going", completed, hour, func(s *v1alpha1.StreamSavepoint) { at := metav1.Now(); s.DeletionTimestamp = &at }), recordOf("old", completed, 90*hour),
		}, nil, "", 0},
		"one that has failed is not the newest":  {&age, []v1alpha1.StreamSavepoint{recordOf("bad", v1alpha1.SavepointFailed, hour), recordOf("old", completed, 90*hour)}, nil, "", 23 * hour},
		"failed ones take nobody's place":        {&count, append(four()[:2], recordOf("x", v1alpha1.SavepointFailed, time.Minute), recordOf("y", v1alpha1.SavepointFailed, 2*time.Minute)), nil, "", 0},
		"as many failed ones stay as there are":  {&count, []v1alpha1.StreamSavepoint{recordOf("x", v1alpha1.SavepointFailed, 1), recordOf("y", v1alpha1.SavepointFailed, 2), recordOf("z", v1alpha1.SavepointFailed, 3)}, nil, "z", 0},
		"never one that is being made or waited": {&age, []v1alpha1.StreamSavepoint{recordOf("p", v1alpha1.SavepointPending, 90*hour), recordOf("i", v1alpha1.SavepointInProgress, 90*hour)}, nil, "", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := world(epoch(1))
			o.Job.Spec.Savepoints = &v1alpha1.Savepoints{URL: "file:///saves", Retention: c.retention}
			if c.status != nil {
				c.status(&o.Job.Status)
			}
			names, left := lifecycle.Surplus(o.Job, c.list, time.Unix(100_000, 0))
			if got := strings.Join(names, " "); got != c.want || left != c.left {
				t.Errorf("deletes %q, and again in %v; want %q, %v", got, left, c.want, c.left)
			}
		})
	}
}

// made returns what a decision records, and the status that it leaves.
func made(d lifecycle.Decision) (list []lifecycle.NewRecord) {
	for _, a := range d.Actions {
		if a.Kind == lifecycle.KeepRecord {
			list = append(list, *a.Record)
		}
	}
	return list
}

func TestASavepointIsMadeWhenItIsDueAndOnce(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	o := world(epoch(1))
	o.Job.Spec.Savepoints = &v1alpha1.Savepoints{URL: "file:///saves", Schedule: &v1alpha1.SavepointSchedule{Cron: "0 * * * *"}}
	for n := range o.Pods {
		o.Pods[n].Savepoints = "file:///saves"
	}
	pass := func(now string) []lifecycle.NewRecord {
		o.Now = at(now)
		d := lifecycle.Next(o)
		o.Job.Status = d.Status
		if d.RequeueAfter == 0 {
			t.Errorf("%s: nobody looks again", now)
		}
		return made(d)
	}
	want := func(name string) []lifecycle.NewRecord {
		return []lifecycle.NewRecord{{Name: name, Origin: v1alpha1.OriginScheduled, Policy: v1alpha1.DeletionDelete}}
	}
	if got := pass("2026-11-28T07:30:00Z"); got != nil {
		t.Errorf("a schedule that is new makes up for %v", got)
	}
	if got := pass("2026-11-28T07:59:59Z"); got != nil {
		t.Errorf("early: %v", got)
	}
	due := o.Job.Status.DeepCopy()
	if got := pass("2026-11-28T08:00:02Z"); !reflect.DeepEqual(got, want("j-20261128-0800")) {
		t.Errorf("got %v", got)
	}
	written := o.Job.Status
	o.Job.Status = *due // the operator died before the status was written
	if got := pass("2026-11-28T08:00:09Z"); !reflect.DeepEqual(got, want("j-20261128-0800")) {
		t.Errorf("then it makes %v", got)
	}
	o.Job.Status = written
	if got := pass("2026-11-28T08:10:00Z"); got != nil {
		t.Errorf("twice: %v", got)
	}
	o.Records.List = []v1alpha1.StreamSavepoint{recordOf("x", v1alpha1.SavepointInProgress, 0)}
	if got := pass("2026-11-28T09:01:00Z"); got != nil {
		t.Errorf("beside another one: %v", got)
	}
	o.Records.List[0].Status.Phase = v1alpha1.SavepointCompleted
	if got := pass("2026-11-28T13:20:00Z"); !reflect.DeepEqual(got, want("j-20261128-1300")) {
		t.Errorf("it makes up for more than one, or for none: %v", got)
	}
	if got := pass("2026-11-28T13:21:00Z"); got != nil {
		t.Errorf("and again: %v", got)
	}
	o.Job.Spec.Savepoints.Schedule.Cron = "30 * * * *"
	if got := pass("2026-11-28T13:31:00Z"); got != nil || !o.Job.Status.SavepointSchedule.Next.Equal(&metav1.Time{Time: at("2026-11-28T14:30:00Z")}) {
		t.Errorf("another schedule makes up for %v: %+v", got, o.Job.Status.SavepointSchedule)
	}
	o.Job.Spec.Savepoints.Schedule.Cron = "TZ=0"
	d := lifecycle.Next(o)
	if text := tell(d); !strings.Contains(text, "Running epoch 1 Stalled by InvalidSchedule") {
		t.Errorf("a schedule that can't be read: %s", text)
	}
}

func TestAJobBeginsFromAStreamSavepoint(t *testing.T) {
	gone := metav1.Now()
	cases := map[string]struct {
		change func(s *v1alpha1.StreamSavepoint)
		want   string // the savepoint, or the reason against it
	}{
		"it is there":      {func(*v1alpha1.StreamSavepoint) {}, "id-x"},
		"not yet":          {func(s *v1alpha1.StreamSavepoint) { s.Status.Phase = v1alpha1.SavepointInProgress }, "Pending SavepointMissing"},
		"it has failed":    {func(s *v1alpha1.StreamSavepoint) { s.Status.Phase = v1alpha1.SavepointFailed }, "Stalled SavepointUnfit"},
		"it is going":      {func(s *v1alpha1.StreamSavepoint) { s.DeletionTimestamp = &gone }, "Stalled SavepointUnfit"},
		"of another job":   {func(s *v1alpha1.StreamSavepoint) { s.Status.Job = "c.ns.other" }, "Stalled SavepointUnfit"},
		"in another store": {func(s *v1alpha1.StreamSavepoint) { s.Status.URL = "file:///other" }, "Stalled SavepointUnfit"},
		"none":             {nil, "Pending SavepointMissing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := world()
			o.Job.Spec.RestoreFrom, o.Job.Spec.Savepoints = "savepoint/x", &v1alpha1.Savepoints{URL: "file:///saves"}
			if c.change != nil {
				s := recordOf("x", v1alpha1.SavepointCompleted, 0)
				c.change(&s)
				o.Records.Restore = &s
			}
			d := lifecycle.Next(o)
			got := ""
			if d.Status.Attempt != nil {
				got = d.Status.Attempt.Runtime.RestoreFrom
			} else if len(d.Status.Conditions) > 0 {
				got = string(d.Status.Phase) + " " + reasonOfReady(d.Status.Conditions)
			}
			if got != c.want {
				t.Errorf("got %q, want %q: %+v", got, c.want, d.Status.Conditions)
			}
		})
	}
}

func reasonOfReady(conditions []metav1.Condition) string {
	for _, c := range conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Reason
		}
	}
	return ""
}
