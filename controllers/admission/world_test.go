package admission_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

const (
	perChannel = "INSERT INTO totals SELECT channel, COUNT(*), SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY channel, window_start, window_end"
	workers    = "millrace/worker:v1"
)

// judge counts how often it compiles.
func judge(compiled *int) *admission.Judge {
	return &admission.Judge{WorkerImage: workers, ClusterID: "c", Compile: func(j spec.Job) (*physical.Plan, error) {
		*compiled++
		return compile.Compile(j)
	}}
}

func job(change ...func(*v1alpha1.StreamJob)) *v1alpha1.StreamJob {
	j := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "sales", UID: "u"}}
	j.Spec = v1alpha1.StreamJobSpec{
		ConnectionRef: v1alpha1.ConnectionReference{Name: "default"}, SQL: perChannel, Parallelism: 2, MaxParallelism: 8,
		Delivery: v1alpha1.DeliveryExactlyOnce, CommitInterval: metav1.Duration{Duration: 100 * time.Millisecond},
		BadRows: v1alpha1.BadRows{Type: "Fail"}, Overload: v1alpha1.Overload{Type: "Wait"},
	}
	for _, f := range change {
		f(j)
	}
	return j
}

func query(sql string) func(*v1alpha1.StreamJob) {
	return func(j *v1alpha1.StreamJob) { j.Spec.SQL = sql }
}

func labelled(j *v1alpha1.StreamJob) {
	j.Labels = map[string]string{v1alpha1.LabelAdmission: v1alpha1.AdmissionSkip}
}

func deleted(j *v1alpha1.StreamJob) { j.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }

// runs gives a job the status of one that runs what its spec says now.
func runs(t *testing.T, topics []v1alpha1.StreamTopic) func(*v1alpha1.StreamJob) {
	t.Helper()
	return func(j *v1alpha1.StreamJob) {
		input, err := render.Job(j, topics)
		if err != nil {
			t.Fatal(err)
		}
		hash, err := render.InputHash(input)
		if err != nil {
			t.Fatal(err)
		}
		plan := planOf(t, j, topics)
		j.Status.Epoch = 3
		j.Status.Runtime = &v1alpha1.RuntimeStatus{PlanHash: plan.Hash, StateHash: plan.StateHash, InputHash: hash}
	}
}

func planOf(t *testing.T, j *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic) *physical.Plan {
	t.Helper()
	input, err := render.Job(j, topics)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := compile.Compile(input)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func topic(name string, partitions int32, columns ...string) v1alpha1.StreamTopic {
	o := v1alpha1.StreamTopic{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
	o.Spec.ConnectionRef.Name, o.Spec.Partitions = "default", partitions
	o.Spec.Schema = &v1alpha1.TableSchema{Format: v1alpha1.RecordFormat{Type: v1alpha1.FormatJSON}}
	for _, c := range columns {
		column, kind, _ := strings.Cut(c, " ")
		o.Spec.Schema.Columns = append(o.Spec.Schema.Columns, v1alpha1.TableColumn{Name: column, Type: kind})
		if kind == "TIMESTAMP" {
			o.Spec.Schema.EventTime = &v1alpha1.EventTime{Column: column, IdleTimeout: metav1.Duration{Duration: time.Minute}}
		}
	}
	return o
}

func topics() []v1alpha1.StreamTopic {
	return []v1alpha1.StreamTopic{
		topic("bids", 4, "auction BIGINT", "price INT", "channel STRING", "ts TIMESTAMP"), topic("totals", 1, "channel STRING", "n BIGINT", "s BIGINT"),
	}
}

// said is an answer in a line: refusals first.
func said(a admission.Answer) string {
	var list []string
	for _, r := range a.Refusals {
		list = append(list, "refused "+r.Field+" "+r.Message)
	}
	for _, w := range a.Warnings {
		list = append(list, "warned "+w)
	}
	return strings.Join(list, "\n")
}

// check compares an answer with what is wanted: parts of what it says, in order, or nothing at all.
func check(t *testing.T, a admission.Answer, want []string) {
	t.Helper()
	got := said(a)
	if lines := slices.DeleteFunc(strings.Split(got, "\n"), func(l string) bool { return l == "" }); len(lines) != len(want) {
		t.Fatalf("got %d answers, want %d:\n%s", len(lines), len(want), got)
	}
	rest := got
	for _, w := range want {
		i := strings.Index(rest, w)
		if i < 0 {
			t.Errorf("want %q in\n%s", w, got)
			continue
		}
		rest = rest[i+len(w):]
	}
}
