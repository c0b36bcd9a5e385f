package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrladmission "sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/webhook"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// shelf is a reader of a few topics and a job.
type shelf struct {
	topics []v1alpha1.StreamTopic
	job    *v1alpha1.StreamJob
	err    error
	asked  int
}

// Get finds the job.
func (s *shelf) Get(_ context.Context, key client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	if job, ok := o.(*v1alpha1.StreamJob); ok && s.job != nil && s.job.Name == key.Name {
		s.job.DeepCopyInto(job)
		return nil
	}
	return apierrors.NewNotFound(schema.GroupResource{}, "")
}

// List lists the topics.
func (s *shelf) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	s.asked++
	if topics, ok := list.(*v1alpha1.StreamTopicList); ok {
		topics.Items = s.topics
	}
	return s.err
}

func table(name string, columns ...string) v1alpha1.StreamTopic {
	o := v1alpha1.StreamTopic{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
	o.Spec.ConnectionRef.Name, o.Spec.Schema = "default", &v1alpha1.TableSchema{}
	for _, c := range columns {
		o.Spec.Schema.Columns = append(o.Spec.Schema.Columns, v1alpha1.TableColumn{Name: c, Type: "INT"})
	}
	return o
}

func hook(t *testing.T, cache, live client.Reader, compiler func(spec.Job) (*physical.Plan, error)) (*webhook.Hook, func(sql string) ctrladmission.Response) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), autoscalingv1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	h := webhook.New(webhook.Options{Cache: cache, Live: live, Compile: compiler, WorkerImage: "worker:1", Scheme: scheme})
	return h, func(sql string) ctrladmission.Response {
		job := &v1alpha1.StreamJob{
			TypeMeta:   metav1.TypeMeta{APIVersion: "millrace.dev/v1alpha1", Kind: "StreamJob"},
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "job"},
		}
		job.Spec = v1alpha1.StreamJobSpec{SQL: sql, ConnectionRef: v1alpha1.ConnectionReference{Name: "default"}, Parallelism: 1, MaxParallelism: 4, BadRows: v1alpha1.BadRows{Type: "Fail"}}
		text, err := json.Marshal(job)
		if err != nil {
			t.Error(err)
		}
		return h.Job(t.Context(), ctrladmission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
			UID: "u", Namespace: "shop", Name: "job", Operation: admissionv1.Create, Kind: metav1.GroupVersionKind{Group: "millrace.dev", Version: "v1alpha1", Kind: "StreamJob"},
			Object: runtime.RawExtension{Raw: text},
		}})
	}
}

const copies = "INSERT INTO b SELECT x FROM a"

func TestWhatTheCacheWouldRefuseIsLookedAtPastIt(t *testing.T) {
	cases := map[string]struct {
		cache, live   []v1alpha1.StreamTopic
		allowed       bool
		said          string
		askedPastThat int
	}{
		"all is well":                  {[]v1alpha1.StreamTopic{table("a", "x"), table("b", "y")}, nil, true, "", 0},
		"a topic that has just come":   {[]v1alpha1.StreamTopic{table("a", "x")}, []v1alpha1.StreamTopic{table("a", "x"), table("b", "y")}, true, "", 1},
		"a column that has just come":  {[]v1alpha1.StreamTopic{table("a", "z"), table("b", "y")}, []v1alpha1.StreamTopic{table("a", "x"), table("b", "y")}, true, "", 1},
		"a column that is not there":   {[]v1alpha1.StreamTopic{table("a", "z"), table("b", "y")}, []v1alpha1.StreamTopic{table("a", "z"), table("b", "y")}, false, "spec.sql:1:22: unknown column x", 1},
		"a topic that has not come":    {nil, []v1alpha1.StreamTopic{table("a", "x")}, true, "waits for the StreamTopic b", 1},
		"a topic that has just gone":   {[]v1alpha1.StreamTopic{table("a", "x"), table("b", "y")}, []v1alpha1.StreamTopic{table("a", "x")}, true, "", 0},
		"the cache refuses for it all": {[]v1alpha1.StreamTopic{table("a", "z"), table("b", "y")}, nil, true, "waits for the StreamTopic b", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cache, live := &shelf{topics: c.cache}, &shelf{topics: c.live}
			_, ask := hook(t, cache, live, compile.Compile)
			r := ask(copies)
			text := strings.Join(r.Warnings, "\n")
			if r.Result != nil {
				text += r.Result.Message
			}
			if r.Allowed != c.allowed || !strings.Contains(text, c.said) || c.said == "" && text != "" {
				t.Errorf("allowed %v: %q", r.Allowed, text)
			}
			if live.asked != c.askedPastThat {
				t.Errorf("asked %d times past the cache, want %d", live.asked, c.askedPastThat)
			}
		})
	}
}

func TestARefusalNamesItsFieldForPrograms(t *testing.T) {
	both := &shelf{topics: []v1alpha1.StreamTopic{table("a", "x"), table("b", "y")}}
	_, ask := hook(t, both, both, compile.Compile)
	r := ask("INSERT INTO b SELECT z FROM a")
	if r.Allowed || r.Result.Reason != metav1.StatusReasonInvalid || r.Result.Code != 422 || len(r.Result.Details.Causes) != 1 {
		t.Fatalf("got %+v", r.Result)
	}
	cause := r.Result.Details.Causes[0]
	if cause.Field != "spec.sql" || string(cause.Type) != v1alpha1.ReasonInvalidQuery || "spec.sql:"+cause.Message != r.Result.Message {
		t.Errorf("got %+v", cause)
	}
}

func TestWhatCannotBeJudgedIsTaken(t *testing.T) {
	tables := []v1alpha1.StreamTopic{table("a", "x"), table("b", "y")}
	cases := map[string]struct {
		cache   *shelf
		compile func(spec.Job) (*physical.Plan, error)
		said    string
	}{
		"the compiler panics":          {&shelf{topics: tables}, func(spec.Job) (*physical.Plan, error) { panic("oh") }, "the operator failed over it"},
		"the API server is away":       {&shelf{err: errors.New("connection refused")}, compile.Compile, "connection refused"},
		"the compiler takes too long":  {&shelf{topics: tables}, func(spec.Job) (*physical.Plan, error) { time.Sleep(time.Minute); return nil, errors.New("late") }, "it takes longer than 1s"},
		"the compiler fails otherwise": {&shelf{topics: tables}, func(spec.Job) (*physical.Plan, error) { return nil, errors.New("no memory") }, "was not checked: no memory"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, ask := hook(t, c.cache, c.cache, c.compile)
				r := ask(copies)
				if text := strings.Join(r.Warnings, "\n"); !r.Allowed || !strings.Contains(text, c.said) {
					t.Errorf("allowed %v: %q", r.Allowed, text)
				}
				ends(t, h)
			})
		})
	}
}

// ends has a hook end, which waits for all that it began.
func ends(t *testing.T, h *webhook.Hook) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Start(ctx); err != nil {
		t.Error(err)
	}
}

// Changes that the compiler does not come to an end with hold their slots; those behind them are taken unchecked, and nothing piles up.
func TestSlowChangesDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		both := &shelf{topics: []v1alpha1.StreamTopic{table("a", "x"), table("b", "y")}}
		began := make(chan struct{}, 100)
		h, ask := hook(t, both, both, func(spec.Job) (*physical.Plan, error) {
			began <- struct{}{}
			time.Sleep(time.Hour)
			return nil, errors.New("late")
		})
		for range 10 {
			if r := ask(copies); !r.Allowed {
				t.Errorf("refused: %+v", r.Result)
			}
		}
		if n := len(began); n != 4 {
			t.Errorf("%d compilers at once", n)
		}
		ends(t, h)
	})
}

// The API server holds the scale subresource to the CRD's rules before it asks anybody, so that only this test sees the webhook refuse one.
func TestScaleIsJudgedByTheJobThatItIsOf(t *testing.T) {
	job := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "job"}}
	job.Spec.Parallelism, job.Spec.MaxParallelism = 1, 4
	for replicas, want := range map[int32]string{4: "", 5: "spec.replicas: 5 workers are more than spec.maxParallelism, which is 4", 0: "spec.replicas: a job has at least one worker"} {
		cache := &shelf{job: job}
		h, _ := hook(t, cache, cache, compile.Compile)
		text, err := json.Marshal(&autoscalingv1.Scale{
			TypeMeta: metav1.TypeMeta{APIVersion: "autoscaling/v1", Kind: "Scale"}, Spec: autoscalingv1.ScaleSpec{Replicas: replicas},
		})
		if err != nil {
			t.Fatal(err)
		}
		r := h.Job(t.Context(), ctrladmission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
			Namespace: "shop", Name: "job", Operation: admissionv1.Update, SubResource: "scale",
			Object: runtime.RawExtension{Raw: text}, OldObject: runtime.RawExtension{Raw: text},
		}})
		if r.Allowed != (want == "") || len(r.Warnings) > 0 || want != "" && !strings.Contains(r.Result.Message, want) {
			t.Errorf("%d: allowed %v, %q, %+v", replicas, r.Allowed, r.Warnings, r.Result)
		}
	}
}
