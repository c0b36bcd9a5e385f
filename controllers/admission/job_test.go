package admission_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

func TestANewJobIsRefusedForWhatIsWrongAndWarnedOfTheRest(t *testing.T) {
	silent := topics()
	silent[0].Spec.Schema.EventTime.IdleTimeout = metav1.Duration{}
	elsewhere := topics()
	elsewhere[0].Spec.ConnectionRef.Name = "other"
	going := topics()
	going[0].DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	cases := map[string]struct {
		job    *v1alpha1.StreamJob
		topics []v1alpha1.StreamTopic
		want   []string
	}{
		"all is well":                        {job(), topics(), nil},
		"a column that is not there":         {job(query("INSERT INTO totals\n  SELECT channel, pric, 1 FROM bids")), topics(), []string{"refused spec.sql spec.sql:2:19: unknown column pric in bids; did you mean price?"}},
		"no SQL, whatever tables may come":   {job(query("INSERT INTO totals SELEC x FROM nowhere")), nil, []string{"refused spec.sql spec.sql:1:"}},
		"a table that may come":              {job(query("INSERT INTO totals SELECT channel, 1, 1 FROM page_views")), topics(), []string{"warned waits for the StreamTopic page-views: spec.sql:1:46: unknown table page_views"}},
		"a table that can't come: a capital": {job(query("INSERT INTO totals SELECT channel, 1, 1 FROM Bids")), topics(), []string{"refused spec.sql spec.sql:1:46: unknown table Bids; did you mean bids?"}},
		"a table that can't come: a hyphen":  {job(query("INSERT INTO totals SELECT channel, 1, 1 FROM `page-views`")), topics(), []string{"refused spec.sql spec.sql:1:46: unknown table page-views"}},
		"no table is there yet":              {job(), nil, []string{"warned waits for the StreamTopic "}},
		"a table of another connection":      {job(), elsewhere, []string{"warned waits for the StreamTopic bids"}},
		"a table that is being deleted":      {job(), going, []string{"warned waits for the StreamTopic bids"}},
		"a query that is too long":           {job(query(perChannel + strings.Repeat(" ", admission.MaxSQLBytes))), topics(), []string{"refused spec.sql spec.sql: the query has 1048"}},
		"a template that does not decode": {job(func(j *v1alpha1.StreamJob) {
			j.Spec.Template = &runtime.RawExtension{Raw: []byte(`{"spec":{"nodeSelektor":{}}}`)}
		}), topics(), []string{"refused spec.template spec.template: decode: "}},
		"more workers than partitions": {job(func(j *v1alpha1.StreamJob) { j.Spec.Parallelism = 9 }), topics(), []string{"refused spec.parallelism spec.parallelism: 9 workers are more than spec.maxParallelism, which is 8; ask for 8 at most"}},
		"rows that can't be left out": {job(query("CREATE TABLE made (auction BIGINT) WITH ('connector' = 'nexmark', 'table' = 'bid', 'events' = '10'); INSERT INTO totals SELECT 'x', 1, 1 FROM made"), func(j *v1alpha1.StreamJob) {
			n := int64(5)
			j.Spec.Overload = v1alpha1.Overload{Type: "Shed", MaxLagRecords: &n}
		}), topics(), []string{"refused spec.overload spec.overload: the rows of "}},
		"groups of the window alone":     {job(query("INSERT INTO totals SELECT 'all', COUNT(*), SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end")), topics(), []string{"warned no key: "}},
		"windows that wait for ever":     {job(), silent, []string{"warned state is not bounded: windows over bids wait for each of its 4 partitions"}},
		"windows that wait, and all do":  {job(func(j *v1alpha1.StreamJob) { j.Spec.MaxWatermarkDrift = metav1.Duration{Duration: time.Minute} }), silent, nil},
		"nothing waits without a window": {job(query("INSERT INTO totals SELECT channel, 1, 1 FROM bids")), silent, nil},
		"beyond the envelope": {job(func(j *v1alpha1.StreamJob) {
			j.Spec.Parallelism, j.Spec.MaxParallelism, j.Spec.CommitInterval.Duration = 64, 256, 10*time.Millisecond
		}), topics(), []string{"markers a second are more than"}},
		"its user does not want to be told": {job(query("nonsense"), labelled), topics(), nil},
		"two mistakes are two refusals":     {job(query("INSERT INTO totals SELECT pric FROM bids"), func(j *v1alpha1.StreamJob) { j.Spec.Parallelism = 9 }), topics(), []string{"refused spec.parallelism", "refused spec.sql"}},
		"an older worker, an older plan": {job(func(j *v1alpha1.StreamJob) {
			j.Spec.RuntimeVersion, j.Spec.Delivery = "v0", v1alpha1.DeliveryAtLeastOnce
		}), topics(), []string{"refused spec.sql "}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := 0
			check(t, judge(&n).Job(c.job, nil, c.topics, nil), c.want)
		})
	}
}

func TestARefusalHasItsPlaceAndHint(t *testing.T) {
	n := 0
	a := judge(&n).Job(job(query("INSERT INTO totals\nSELECT channel, pric, 1 FROM bids")), nil, topics(), nil)
	want := admission.Refusal{
		Reason: v1alpha1.ReasonInvalidQuery, Field: "spec.sql", Line: 2, Column: 17, Hint: "did you mean price?",
		Message: "spec.sql:2:17: unknown column pric in bids; did you mean price?",
	}
	if len(a.Refusals) != 1 || a.Refusals[0] != want {
		t.Errorf("got %+v\nwant %+v", a.Refusals, want)
	}
	if o := admission.Query(fault.New(fault.User, fault.InText("spec.sql", 2, 17), "unknown column pric in bids").Do("did you mean price?")); o.Message != want.Message {
		t.Errorf("the condition of a stored job says %q", o.Message)
	}
}

// What a user was warned of is not said again with each change of something else; what a change adds is.
func TestAWarningIsSaidOnce(t *testing.T) {
	silent := topics()
	silent[0].Spec.Schema.EventTime.IdleTimeout = metav1.Duration{}
	drift := func(j *v1alpha1.StreamJob) { j.Spec.MaxWatermarkDrift = metav1.Duration{Duration: time.Minute} }
	suspended := func(j *v1alpha1.StreamJob) { j.Spec.Suspend = true }
	for name, c := range map[string]struct {
		now, old *v1alpha1.StreamJob
		want     []string
	}{
		"another field":              {job(suspended), job(), nil},
		"the bound is taken away":    {job(), job(drift), []string{"warned state is not bounded"}},
		"another query":              {job(query(strings.Replace(perChannel, "COUNT(*)", "COUNT(price)", 1))), job(), []string{"warned state is not bounded"}},
		"a bound, and another field": {job(drift, suspended), job(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			check(t, judge(&n).Job(c.now, c.old, silent, nil), c.want)
		})
	}
}

func TestAChangeIsComparedWithWhatRuns(t *testing.T) {
	running := func(change ...func(*v1alpha1.StreamJob)) *v1alpha1.StreamJob {
		return job(append([]func(*v1alpha1.StreamJob){runs(t, topics())}, change...)...)
	}
	replace := func(from, to string) func(*v1alpha1.StreamJob) {
		if !strings.Contains(perChannel, from) {
			t.Fatalf("no %q in the query", from)
		}
		return query(strings.ReplaceAll(perChannel, from, to))
	}
	wrong := query("INSERT INTO totals SELECT pric FROM bids")
	cases := map[string]struct {
		now, old *v1alpha1.StreamJob
		lost     bool // the plan that runs
		compiles bool
		want     []string
	}{
		"a label":                                {running(func(j *v1alpha1.StreamJob) { j.Labels = map[string]string{"a": "b"} }), running(), false, false, nil},
		"a status":                               {running(func(j *v1alpha1.StreamJob) { j.Status.Phase = "Running" }), running(), false, false, nil},
		"a finalizer of a broken job":            {running(wrong), running(wrong, func(j *v1alpha1.StreamJob) { j.Finalizers = []string{"x"} }), false, false, nil},
		"a spec of a job that is being deleted":  {running(wrong, deleted), running(deleted), false, false, nil},
		"another text of the same plan":          {running(replace("GROUP BY", "-- as before\nGROUP BY")), running(), false, true, nil},
		"a query that is wrong":                  {running(wrong), running(), false, true, []string{"refused spec.sql spec.sql:1:27: unknown column pric"}},
		"workers of a job that was wrong before": {running(wrong, func(j *v1alpha1.StreamJob) { j.Spec.Parallelism = 4 }), running(wrong), false, true, []string{"warned spec.sql:1:27: unknown column pric"}},
		"a table that may come":                  {running(replace("TABLE bids", "TABLE bidz")), running(), false, true, []string{"warned waits for the StreamTopic bidz"}},
		"a function more":                        {running(replace("SUM(price)", "MAX(price)")), running(), false, true, []string{"warned spec.sql: the new query keeps other state"}},
		"another key": {running(replace("GROUP BY channel", "GROUP BY auction"), func(j *v1alpha1.StreamJob) {
			j.Spec.SQL = strings.Replace(j.Spec.SQL, "SELECT channel", "SELECT CAST(auction AS STRING)", 1)
		}), running(), false, true, []string{"refused spec.sql no savepoint carries the state over: "}},
		"other windows": {running(replace("'10' SECOND", "'20' SECOND")), running(), false, true, []string{"its windows are cut otherwise"}},
		"a function more, by a savepoint": {running(replace("SUM(price)", "MAX(price)"), func(j *v1alpha1.StreamJob) {
			j.Spec.Savepoints = &v1alpha1.Savepoints{URL: "s3://b"}
		}), running(), false, true, []string{"warned spec.sql: the job stops at a savepoint and goes on from it: "}},
		"a function more, and another version of workers": {running(replace("SUM(price)", "MAX(price)"), func(j *v1alpha1.StreamJob) {
			j.Spec.Savepoints, j.Spec.RuntimeVersion = &v1alpha1.Savepoints{URL: "s3://b"}, "v2"
		}), running(), false, true, []string{"refused spec.sql the new query keeps other state or exchanges than the running one, and no savepoint carries the state over: its plan is of format 2"}},
		"another version of workers alone": {running(func(j *v1alpha1.StreamJob) { j.Spec.RuntimeVersion = "v2" }), running(), false, true, nil},
		"a beginning from a savepoint with another version of workers": {job(func(j *v1alpha1.StreamJob) {
			j.Spec.Savepoints, j.Spec.RuntimeVersion, j.Spec.RestoreFrom = &v1alpha1.Savepoints{URL: "s3://b"}, "v2", "sp"
		}), nil, false, true, []string{"refused spec.runtimeVersion its plan is of format 2"}},
		"other windows, without the state": {running(replace("'10' SECOND", "'20' SECOND"), func(j *v1alpha1.StreamJob) {
			j.Spec.Upgrade.Mode = v1alpha1.UpgradeStateless
		}), running(), false, true, []string{"warned spec.sql: the new query keeps other state or exchanges than the running one, whose state is given up"}},
		"other windows, and the plan is gone":     {running(replace("'10' SECOND", "'20' SECOND")), running(), true, true, []string{"warned spec.sql was not compared with what runs: the plan of epoch 3 was not found"}},
		"workers of a job whose query waits":      {running(replace("'10' SECOND", "'20' SECOND"), func(j *v1alpha1.StreamJob) { j.Spec.Parallelism = 4 }), running(replace("'10' SECOND", "'20' SECOND")), false, true, nil},
		"the query that runs is taken up again":   {running(), running(replace("'10' SECOND", "'20' SECOND")), false, true, nil},
		"a job that never ran may ask for others": {job(replace("'10' SECOND", "'20' SECOND")), job(), false, true, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := 0
			plan := planOf(t, job(), topics())
			if c.lost {
				plan = nil
			}
			check(t, judge(&n).Job(c.now, c.old, topics(), plan), c.want)
			if n > 0 != c.compiles {
				t.Errorf("compiled %d times", n)
			}
		})
	}
}

func TestAFailureOfOursRefusesNothing(t *testing.T) {
	for name, err := range map[string]error{
		"a bug": fault.New(fault.Bug, fault.Place{}, "a broken invariant"), "time is up": errors.New("context deadline exceeded"),
	} {
		t.Run(name, func(t *testing.T) {
			j := &admission.Judge{WorkerImage: workers, Compile: func(spec.Job) (*physical.Plan, error) { return nil, err }}
			check(t, j.Job(job(), nil, topics(), nil), []string{"warned spec.sql was not checked: " + err.Error()})
			old := topics()[0]
			now := topic("bids", 4, "auction BIGINT", "ts TIMESTAMP")
			check(t, j.Topic(&now, &old, topics(), []admission.Reader{{Job: job()}}), []string{"warned StreamJob sales was not checked: " + err.Error()})
		})
	}
}

func TestScaleIsHeldToTheBoundsOfParallelism(t *testing.T) {
	cases := map[string]struct {
		replicas int32
		most     int32
		want     []string
	}{
		"as before":               {2, 8, nil},
		"up to the partitions":    {8, 8, nil},
		"beyond the partitions":   {9, 8, []string{"refused spec.replicas spec.replicas: 9 workers are more than spec.maxParallelism, which is 8"}},
		"none":                    {0, 8, []string{"refused spec.replicas spec.replicas: a job has at least one worker, not 0"}},
		"beyond what a job can":   {65, 256, []string{"refused spec.replicas spec.replicas: 65 workers are more than the 64 that a job can have"}},
		"more than brokers enjoy": {64, 256, []string{"markers a second"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := 0
			j := job(func(j *v1alpha1.StreamJob) { j.Spec.MaxParallelism = c.most })
			check(t, judge(&n).Scale(j, c.replicas, topics(), planOf(t, j, topics())), c.want)
			if n > 0 {
				t.Error("it compiles to scale")
			}
		})
	}
}
