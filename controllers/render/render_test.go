package render_test

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

var rewrite = flag.Bool("rewrite", false, "write testdata anew")

func job() *v1alpha1.StreamJob {
	j := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Name: "sales", Namespace: "shop", UID: "u-1"}}
	j.Spec = v1alpha1.StreamJobSpec{
		ConnectionRef: v1alpha1.ConnectionReference{Name: "default"}, SQL: "SELECT 1", StartFrom: v1alpha1.StartFrom{Type: "Earliest"}, Parallelism: 2, MaxParallelism: 32,
		CommitInterval: metav1.Duration{Duration: 100 * time.Millisecond}, BadRows: v1alpha1.BadRows{Type: "Fail"}, Delivery: v1alpha1.DeliveryAtLeastOnce,
		State: v1alpha1.State{Backend: v1alpha1.StatePebble},
	}
	return j
}

func workload(j *v1alpha1.StreamJob) *render.Workload {
	return &render.Workload{
		Job: j, Prefix: "c1.shop.sales", Connection: v1alpha1.KafkaConnectionSpec{BootstrapServers: []string{"a:9092", "b:9092"}}, Epoch: 3, StateEpoch: 1, Replicas: 2, Image: "millrace/worker:1",
	}
}

func TestObjectsAreAsTheFilesShow(t *testing.T) {
	cases := map[string]func(*v1alpha1.StreamJob){
		"plain": func(*v1alpha1.StreamJob) {},
		"replicated": func(j *v1alpha1.StreamJob) {
			replicas, minInSync := int32(3), int32(2)
			j.Spec.InternalTopics = &v1alpha1.InternalTopics{Replicas: &replicas, MinInSyncReplicas: &minInSync}
		},
		"storage": func(j *v1alpha1.StreamJob) { j.Spec.State.Storage = &v1alpha1.Storage{Size: resource.MustParse("1Gi")} },
		"savepoints": func(j *v1alpha1.StreamJob) {
			most := resource.MustParse("64Mi")
			j.Spec.Savepoints, j.Spec.MaxExchangeBytes = &v1alpha1.Savepoints{URL: "gs://bucket/prefix"}, &most
			j.Spec.MaxWatermarkDrift = metav1.Duration{Duration: 5 * time.Minute}
			lag := int64(1_000_000)
			j.Spec.Overload = v1alpha1.Overload{Type: "Shed", MaxLagRecords: &lag}
		},
		"snapshots": func(j *v1alpha1.StreamJob) {
			j.Spec.State.Snapshots = &v1alpha1.Snapshots{URL: "s3://bucket/prefix?region=eu-central-1", Interval: metav1.Duration{Duration: 2 * time.Minute}}
		},
		"api": func(j *v1alpha1.StreamJob) {
			j.Spec.API = &v1alpha1.API{SecretRef: v1alpha1.SecretReference{Name: "sales-api"}}
		},
		"redis": func(j *v1alpha1.StreamJob) {
			j.Spec.State = v1alpha1.State{Backend: v1alpha1.StateRedis, Redis: &v1alpha1.RedisState{
				URL: "redis://store:6379/2", PasswordRef: &v1alpha1.SecretKeyReference{Name: "store", Key: "redis-password"},
			}}
		},
		"postgres": func(j *v1alpha1.StreamJob) {
			j.Spec.State = v1alpha1.State{Backend: v1alpha1.StatePostgres, Postgres: &v1alpha1.PostgresState{
				URL:         "postgres://millrace@db/state",
				PasswordRef: &v1alpha1.SecretKeyReference{Name: "db", Key: "password"}, CARef: &v1alpha1.SecretKeyReference{Name: "db-ca", Key: "ca.pem"},
			}}
		},
		"template": func(j *v1alpha1.StreamJob) {
			j.Spec.Template = &runtime.RawExtension{Raw: []byte(`{"metadata":{"labels":{"team":"x","millrace.dev/job":"other"}},` +
				`"spec":{"nodeSelector":{"disk":"ssd"},"containers":[{"name":"worker","env":[{"name":"A","value":"1"}]},{"name":"side","image":"s"}]}}`)}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			j := job()
			change(j)
			objects, err := workload(j).Objects()
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			for _, o := range objects {
				text, err := yaml.Marshal(o)
				if err != nil {
					t.Fatal(err)
				}
				got.WriteString("---\n")
				got.Write(text)
			}
			file := "testdata/" + name + ".yaml"
			if *rewrite {
				if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, got.Bytes()) {
				t.Errorf("%s differs; look at it and run with -rewrite:\n%s", file, got.String())
			}
		})
	}
}

func TestATemplateThatIsWrongIsRefused(t *testing.T) {
	cases := map[string]struct{ template, want string }{
		"an unknown field":   {`{"spec":{"nodeSelektor":{}}}`, `unknown field "nodeSelektor"`},
		"a wrong type":       {`{"spec":{"containers":{}}}`, "containers"},
		"not an object":      {`[]`, "cannot unmarshal"},
		"a name left out":    {`{"spec":{"containers":[{"image":"x"}]}}`, "name"},
		"a field given once": {`{"spec":{"hostname":"a","hostname":"b"}}`, "hostname"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			j := job()
			j.Spec.Template = &runtime.RawExtension{Raw: []byte(c.template)}
			_, err := workload(j).Objects()
			if err == nil || !strings.HasPrefix(err.Error(), "spec.template: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want spec.template: … %s", err, c.want)
			}
		})
	}
}

func TestJobTakesTheTablesOfItsNamespaceAndConnection(t *testing.T) {
	topic := func(name string, change func(*v1alpha1.StreamTopic)) v1alpha1.StreamTopic {
		s := v1alpha1.StreamTopic{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "shop"}}
		s.Spec.ConnectionRef.Name = "default"
		s.Spec.Schema = &v1alpha1.TableSchema{
			Format:    v1alpha1.RecordFormat{Type: "JSON", JSON: &v1alpha1.JSONFormat{TimestampFormat: "EpochMillis"}},
			Columns:   []v1alpha1.TableColumn{{Name: "at", Type: "TIMESTAMP"}, {Name: "n", Type: "INT"}},
			EventTime: &v1alpha1.EventTime{Column: "at", MaxOutOfOrderness: metav1.Duration{Duration: time.Minute}},
		}
		if change != nil {
			change(&s)
		}
		return s
	}
	now := metav1.Now()
	got, err := render.Job(job(), []v1alpha1.StreamTopic{
		topic("b", func(s *v1alpha1.StreamTopic) { s.Spec.TopicName = "bids.v1" }),
		topic("a", func(s *v1alpha1.StreamTopic) { s.Spec.Schema.EventTime, s.Spec.Schema.Format.JSON = nil, nil }),
		topic("elsewhere", func(s *v1alpha1.StreamTopic) { s.Namespace = "other" }),
		topic("other-cluster", func(s *v1alpha1.StreamTopic) { s.Spec.ConnectionRef.Name = "second" }),
		topic("no-table", func(s *v1alpha1.StreamTopic) { s.Spec.Schema = nil }),
		topic("going", func(s *v1alpha1.StreamTopic) { s.DeletionTimestamp = &now }),
	})
	if err != nil {
		t.Fatal(err)
	}
	columns := types.Schema{Columns: []types.Column{{Name: "at", Kind: types.Timestamp}, {Name: "n", Kind: types.Int}}}
	want := spec.Job{
		Name: "sales", SQL: "SELECT 1", File: "spec.sql", MaxParallelism: 32, BadRows: spec.BadRowsFail, Delivery: spec.AtLeastOnce,
		Tables: []spec.Table{
			{Name: "a", Topic: "a", Format: spec.Format{Type: spec.FormatJSON}, Schema: columns},
			{
				Name: "b", Topic: "bids.v1", Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampMillis}, Schema: columns,
				EventTime: &spec.EventTime{Column: "at", MaxOutOfOrderness: time.Minute},
			},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestAPlanComesBackFromItsConfigMap(t *testing.T) {
	plan := &physical.Plan{Format: 1, Hash: "h", StateHash: "s", MaxParallelism: 4, BadRows: spec.BadRowsSkip}
	m, err := render.PlanConfigMap(job(), 2, plan)
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "sales-2" || m.Immutable == nil || !*m.Immutable || m.Annotations[render.AnnotationPlanHash] != "h" {
		t.Errorf("got %+v", m)
	}
	back, err := render.ReadPlan(m)
	if err != nil || !reflect.DeepEqual(back, plan) {
		t.Errorf("got %+v %v", back, err)
	}
}

// A worker that starts again in the same epoch has the same flags: only then no pod is replaced for them.
func TestAnEpochBeginsFromItsSavepoint(t *testing.T) {
	args := func(change func(*render.Workload)) []string {
		w := workload(job())
		w.Job.Spec.Savepoints = &v1alpha1.Savepoints{URL: "gs://bucket/prefix"}
		change(w)
		objects, err := w.Objects()
		if err != nil {
			t.Fatal(err)
		}
		set, ok := objects[len(objects)-1].(*appsv1.StatefulSet)
		if !ok {
			t.Fatalf("%T is no StatefulSet", objects[len(objects)-1])
		}
		if at := render.SavepointsOf(&set.Spec.Template.Spec); w.Job.Spec.Savepoints != nil && at != "gs://bucket/prefix" {
			t.Errorf("its savepoints are at %q", at)
		}
		return slices.DeleteFunc(set.Spec.Template.Spec.Containers[0].Args, func(a string) bool {
			return !strings.HasPrefix(a, "--restore") && !strings.HasPrefix(a, "--drop")
		})
	}
	cases := map[string]struct {
		change func(*render.Workload)
		want   []string
	}{
		"from none":        {func(*render.Workload) {}, nil},
		"from one":         {func(w *render.Workload) { w.RestoreFrom = "sp" }, []string{"--restore-from=sp"}},
		"where it stopped": {func(w *render.Workload) { w.RestoreFrom, w.RestoreExactly = "sp", true }, []string{"--restore-from=sp", "--restore-exactly"}},
		"and gives up":     {func(w *render.Workload) { w.RestoreFrom, w.DropRemoved = "sp", true }, []string{"--restore-from=sp", "--drop-removed-state"}},
		"without a place, which the worker would refuse": {
			func(w *render.Workload) { w.RestoreFrom, w.Job.Spec.Savepoints = "sp", nil }, nil,
		},
	}
	for name, c := range cases {
		if got := args(c.change); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
