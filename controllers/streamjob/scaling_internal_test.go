package streamjob

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/autoscale"
	"github.com/millrace/millrace/controllers/workerapi"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func scaledJob(mode v1alpha1.AutoscalingMode) *v1alpha1.StreamJob {
	job := &v1alpha1.StreamJob{}
	job.Generation, job.Spec.Parallelism, job.Spec.MaxParallelism = 1, 2, 32
	job.Spec.Autoscaling = &v1alpha1.Autoscaling{
		Mode: mode, MinWorkers: 1, TargetUtilization: 70, LagObjective: metav1.Duration{Duration: 30 * time.Second},
		CatchUp: metav1.Duration{Duration: 5 * time.Minute}, ScaleDownDelay: metav1.Duration{Duration: 5 * time.Minute},
	}
	job.Status.Epoch, job.Status.Parallelism.Desired = 1, 2
	return job
}

// worked is what two workers have seen that read so many rows a second for some minutes.
type worked struct{ rows, busy, lag float64 }

func (w *worked) sample(at time.Time, rows float64) autoscale.Sample {
	w.rows += 10 * rows
	w.busy += 10 * rows / 10_000
	s := autoscale.Sample{At: at, Wanted: 2, Ready: 2}
	for i := range int32(2) {
		s.Workers = append(s.Workers, autoscale.Worker{
			Name: []string{"a", "b"}[i], Busy: w.busy / 2, Tasks: []autoscale.Task{{Stage: "source", Partition: i, Source: true, Rows: w.rows / 2, Busy: w.busy / 2, Lag: int64(w.lag)}},
		})
	}
	return s
}

// writes counts how often the status differs from one pass to the next.
func writes(t *testing.T, minutes int, rows func(second int) float64) int {
	t.Helper()
	job := scaledJob(v1alpha1.AutoscalingAuto)
	takeOver(job, &job.Status, noon)
	w, m, n := &worked{}, &autoscale.Memory{}, 0
	for second := 0; second < 60*minutes; second += 10 {
		at := noon.Add(time.Duration(second) * time.Second)
		before := job.Status.DeepCopy()
		m.Add(w.sample(at, rows(second)))
		policy, err := policyOf(job, at)
		if err != nil {
			t.Fatal(err)
		}
		policy.Min = 2
		d := m.Decide(autoscale.Input{Now: at, Policy: policy, Wanted: 2, History: historyOf(job.Status.Autoscaling)})
		note(&job.Status, 1, &d, at)
		if second >= 600 && !equality.Semantic.DeepEqual(before, &job.Status) {
			n++
		}
	}
	return n
}

func TestAnIdleJobWritesOnceInTenMinutesAtMostAndABusyOneTwiceAMinute(t *testing.T) {
	const minutes = 110
	if n := writes(t, minutes, func(int) float64 { return 0 }); n > (minutes-10)/10 {
		t.Errorf("idle: %d writes in %d minutes", n, minutes-10)
	}
	uneven := func(second int) float64 { return 9000 + float64(second*7919%5000) }
	if n := writes(t, minutes, uneven); n > 2*(minutes-10) || n == 0 {
		t.Errorf("busy: %d writes in %d minutes", n, minutes-10)
	}
}

func TestADecisionIsInTheJournalWithItsNumbers(t *testing.T) {
	job := scaledJob(v1alpha1.AutoscalingAuto)
	s := &job.Status
	takeOver(job, s, noon)
	rise := autoscale.Decision{Changed: true, Workers: 5, Recommended: 5, Reason: autoscale.LoadRose, Message: "numbers", Rows: 9000.5}
	if told := note(s, 1, &rise, noon); !told.changed || told.event != "numbers" || s.Autoscaling.Workers != 5 {
		t.Errorf("told %+v: %+v", told, s.Autoscaling)
	}
	zero := autoscale.Decision{Changed: true, Reason: autoscale.NoInput, Message: "nothing", History: historyOf(s.Autoscaling)}
	note(s, 1, &zero, noon.Add(time.Hour))
	if a := s.Autoscaling; a.Zero == nil || a.Workers != 5 {
		t.Errorf("at zero it has to know its number: %+v", a)
	}
	wake := autoscale.Decision{Changed: true, Workers: 5, Reason: autoscale.InputArrived, Message: "3 records wait", History: historyOf(s.Autoscaling)}
	note(s, 1, &wake, noon.Add(2*time.Hour))
	at := func(h int) metav1.Time { return metav1.NewTime(noon.Add(time.Duration(h) * time.Hour)) }
	want := []v1alpha1.ScalingDecision{
		{At: at(0), From: 2, To: 5, Reason: "LoadRose", Message: "numbers", RowsPerSecond: 9000},
		{At: at(1), From: 5, To: 0, Reason: "NoInput", Message: "nothing"},
		{At: at(2), From: 0, To: 5, Reason: "InputArrived", Message: "3 records wait"},
	}
	if a := s.Autoscaling; a.Zero != nil || !equality.Semantic.DeepEqual(a.History, want) {
		t.Errorf("got %+v", a)
	}
	for range 20 {
		again := rise
		again.History = historyOf(s.Autoscaling)
		note(s, 1, &again, noon.Add(3*time.Hour))
	}
	if n := len(s.Autoscaling.History); n != autoscale.MostRecords {
		t.Errorf("%d records", n)
	}
}

func TestAdviceIsSaidAndNotTaken(t *testing.T) {
	job := scaledJob(v1alpha1.AutoscalingAdvise)
	s := &job.Status
	takeOver(job, s, noon)
	rise := autoscale.Decision{Changed: true, Workers: 5, Recommended: 5, Reason: autoscale.LoadRose, Message: "numbers"}
	first, second := note(s, 1, &rise, noon), note(s, 1, &rise, noon.Add(10*time.Second))
	if first.event != "with spec.autoscaling.mode Auto: numbers" || second.event != "" || s.Autoscaling.Recommendation != 5 || len(s.Autoscaling.History) > 0 {
		t.Errorf("told %+v and %+v: %+v", first, second, s.Autoscaling)
	}
}

func TestWhoElseScalesIsTold(t *testing.T) {
	entry := func(manager, subresource, fields string, at time.Time) metav1.ManagedFieldsEntry {
		f := &metav1.FieldsV1{}
		f.SetRawString(fields)
		when := metav1.NewTime(at)
		return metav1.ManagedFieldsEntry{Manager: manager, Subresource: subresource, FieldsV1: f, Time: &when}
	}
	const parallelism = `{"f:spec":{"f:parallelism":{}}}`
	for name, c := range map[string]struct {
		parallelism int32
		mode        v1alpha1.AutoscalingMode
		entry       metav1.ManagedFieldsEntry
		want        string
	}{
		"nobody":                    {2, v1alpha1.AutoscalingAuto, metav1.ManagedFieldsEntry{}, ""},
		"the manifest of the start": {2, v1alpha1.AutoscalingAuto, entry("helm", "", parallelism, noon.Add(time.Hour)), ""},
		"kubectl scale":             {3, v1alpha1.AutoscalingAuto, entry("kubectl", "scale", parallelism, noon.Add(time.Hour)), "ScaledByOther kubectl"},
		"kubectl scale before":      {2, v1alpha1.AutoscalingAuto, entry("kubectl", "scale", parallelism, noon.Add(-time.Hour)), ""},
		"an HPA, since long":        {2, v1alpha1.AutoscalingAuto, entry("kube-controller-manager", "scale", parallelism, noon.Add(-time.Hour)), "ScaledByOther kube-controller-manager"},
		"a changed manifest":        {4, v1alpha1.AutoscalingAuto, entry("helm", "", parallelism, noon.Add(time.Hour)), "ParallelismChanged spec.parallelism was changed from 2 to 4"},
		"with advice only":          {4, v1alpha1.AutoscalingAdvise, entry("kubectl", "scale", parallelism, noon.Add(time.Hour)), ""},
		"something else of ours":    {2, v1alpha1.AutoscalingAuto, entry("x", "status", `{"f:status":{}}`, noon.Add(time.Hour)), ""},
	} {
		job := scaledJob(c.mode)
		takeOver(job, &job.Status, noon)
		job.Spec.Parallelism, job.ManagedFields = c.parallelism, []metav1.ManagedFieldsEntry{c.entry}
		owners(job, &job.Status, noon.Add(2*time.Hour))
		got := ""
		if said := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionTwoOwners); said != nil {
			got = said.Reason + " " + said.Message
		}
		if !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestASchedulesFloorIsThePolicysWithinItsBounds(t *testing.T) {
	most := int32(6)
	for name, c := range map[string]struct {
		schedule v1alpha1.ScalingSchedule
		want     int
		zero     bool
		bad      bool
	}{
		"it holds":         {v1alpha1.ScalingSchedule{Start: "0 11 * * *", End: "0 13 * * *", MinWorkers: 4}, 4, false, false},
		"it holds not":     {v1alpha1.ScalingSchedule{Start: "0 13 * * *", End: "0 14 * * *", MinWorkers: 4}, 1, true, false},
		"above the most":   {v1alpha1.ScalingSchedule{Start: "0 11 * * *", End: "0 13 * * *", MinWorkers: 9}, 6, false, false},
		"it can't be read": {v1alpha1.ScalingSchedule{Start: "0 99 * * *", End: "0 13 * * *", MinWorkers: 9}, 1, true, true},
	} {
		job := scaledJob(v1alpha1.AutoscalingAuto)
		job.Spec.Autoscaling.MaxWorkers, job.Spec.Autoscaling.ScaleToZero = &most, &v1alpha1.ScaleToZero{After: metav1.Duration{Duration: time.Minute}}
		job.Spec.Autoscaling.Schedules = []v1alpha1.ScalingSchedule{c.schedule}
		p, err := policyOf(job, noon)
		if p.Min != c.want || (p.ZeroAfter > 0) != c.zero || (err != nil) != c.bad {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestAReportThatLacksALagIsNoAnswer(t *testing.T) {
	stages := map[string]stageInput{"source": {topic: "in", source: true}, "made": {topic: "bids", source: true, made: true}, "sum": {topic: "c.j.1.x"}}
	whole := func() *workerapi.Report {
		return &workerapi.Report{
			Ready: true, Tasks: []workerapi.Task{{Stage: "source", Partition: 1, Rows: 5}, {Stage: "sum"}, {Stage: "made"}},
			Lag: map[workerapi.Partition]int64{{Topic: "in", Number: 1}: 7, {Topic: "c.j.1.x"}: 8},
		}
	}
	if w, err := worker("w", whole(), stages); err != nil || len(w.Tasks) != 3 || w.Tasks[2].Lag != 7 || !w.Tasks[2].Source {
		t.Errorf("got %+v", w)
	}
	for name, spoil := range map[string]func(*workerapi.Report){
		"no lag":            func(r *workerapi.Report) { delete(r.Lag, workerapi.Partition{Topic: "in", Number: 1}) },
		"another plan":      func(r *workerapi.Report) { r.Tasks[0].Stage = "other" },
		"it restores yet":   func(r *workerapi.Report) { r.Ready = false },
		"no exchange's lag": func(r *workerapi.Report) { delete(r.Lag, workerapi.Partition{Topic: "c.j.1.x"}) },
	} {
		r := whole()
		spoil(r)
		if w, err := worker("w", r, stages); err == nil {
			t.Errorf("%s: got %+v", name, w)
		}
	}
}
