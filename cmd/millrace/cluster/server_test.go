package cluster_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apitypes "k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/httpapi"
	"github.com/millrace/millrace/runtime/metrics/prom"
	"github.com/millrace/millrace/runtime/types"
)

// server is an API server that has what a test gives it, with workers behind its proxy that are what a worker serves.
type server struct {
	t       *testing.T
	pages   map[string]http.HandlerFunc // by path
	objects map[string][]runtime.Object // lists by path
	workers map[string]http.Handler     // by pod
	cluster *cluster.Cluster
}

const (
	jobsPath   = "/apis/millrace.dev/v1alpha1/namespaces/prod/streamjobs"
	podsPath   = "/api/v1/namespaces/prod/pods"
	eventsPath = "/api/v1/namespaces/prod/events"
)

func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, pages: map[string]http.HandlerFunc{}, objects: map[string][]runtime.Object{}, workers: map[string]http.Handler{}}
	listens := httptest.NewServer(s)
	t.Cleanup(listens.Close)
	c, err := cluster.New(&rest.Config{Host: listens.URL}, "prod")
	if err != nil {
		t.Fatal(err)
	}
	s.cluster = c
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if page := s.pages[r.URL.Path]; page != nil {
		page(w, r)
		return
	}
	if pod, path, proxied := strings.Cut(strings.TrimPrefix(r.URL.Path, podsPath+"/"), "/proxy"); proxied && s.workers[pod] != nil {
		r.URL.Path = path
		s.workers[pod].ServeHTTP(w, r)
		return
	}
	if list, there := s.objects[r.URL.Path]; there {
		items := make([]any, 0, len(list))
		for _, o := range list {
			items = append(items, o)
		}
		s.answer(w, http.StatusOK, map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
		return
	}
	if strings.Contains(r.URL.Path, "/proxy/") {
		s.answer(w, http.StatusServiceUnavailable, &metav1.Status{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonServiceUnavailable, Code: http.StatusServiceUnavailable,
			Message: "error trying to reach service: dial tcp: no route to host",
		})
		return
	}
	folder, name := r.URL.Path[:strings.LastIndexByte(r.URL.Path, '/')], r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if _, known := s.objects[folder]; !known {
		http.NotFound(w, r) // so an API server answers of a kind that it does not have
		return
	}
	for _, o := range s.objects[folder] {
		if o.(metav1.Object).GetName() == name {
			s.answer(w, http.StatusOK, o)
			return
		}
	}
	s.answer(w, http.StatusNotFound, &metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound,
		Message: r.URL.Path + " not found", Details: &metav1.StatusDetails{Name: name},
	})
}

func (s *server) answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

// log lets a pod say something.
func (s *server) log(pod string, say func(w http.ResponseWriter, r *http.Request)) {
	s.pages[podsPath+"/"+pod+"/log"] = say
}

func job(name string) *v1alpha1.StreamJob {
	return &v1alpha1.StreamJob{
		TypeMeta:   metav1.TypeMeta{APIVersion: "millrace.dev/v1alpha1", Kind: "StreamJob"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: name, UID: "u-1", Generation: 3, CreationTimestamp: metav1.NewTime(now().Add(-26 * time.Hour))},
		Spec:       v1alpha1.StreamJobSpec{SQL: "…", Parallelism: 2, MaxParallelism: 8, ConnectionRef: v1alpha1.ConnectionReference{Name: "default"}},
		Status: v1alpha1.StreamJobStatus{
			ObservedGeneration: 3, Phase: v1alpha1.PhaseRunning, Epoch: 2, StateEpoch: 1, Prefix: "east.prod." + name,
			Parallelism: v1alpha1.ParallelismStatus{Current: 2, Ready: 2, Desired: 2},
			Runtime:     &v1alpha1.RuntimeStatus{Image: "millrace/worker:v1", PlanFormat: 3, PlanHash: "abc"},
			Lag:         &v1alpha1.Lag{Records: 1234, ObservedAt: metav1.NewTime(now().Add(-20 * time.Second))},
			Watermark:   &v1alpha1.WatermarkStatus{Delay: metav1.Duration{Duration: 4200 * time.Millisecond}, ObservedAt: metav1.NewTime(now().Add(-20 * time.Second))},
			Conditions: []metav1.Condition{{
				Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady, Message: "as the spec says",
				LastTransitionTime: metav1.NewTime(now().Add(-time.Hour)),
			}},
		},
	}
}

func pod(name string) *corev1.Pod {
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "prod", Name: name, UID: apitypes.UID("u-" + name), CreationTimestamp: metav1.NewTime(now().Add(-time.Hour)),
			Labels: map[string]string{render.LabelJob: "delays", render.LabelEpoch: "2"},
		},
		Spec: corev1.PodSpec{NodeName: "node-a", Containers: []corev1.Container{{Name: "worker", Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}}}},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "worker", RestartCount: 1}},
		},
	}
}

// worker serves what a worker with this status does.
func worker(t *testing.T, s control.Status) http.Handler {
	t.Helper()
	registry := prometheus.NewRegistry()
	if err := registry.Register(prom.NewCollector(func() control.Status { return s })); err != nil {
		t.Fatal(err)
	}
	return httpapi.Plain(func() control.Status { return s }, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), false)
}

func statusOf(mark time.Time, tasks ...control.Task) control.Status {
	s := control.Status{Phase: control.Running, Tasks: tasks, Watermark: types.NoWatermark}
	if !mark.IsZero() {
		s.Watermark = types.Watermark(mark.UnixMicro())
	}
	return s
}

func same(t *testing.T, got *bytes.Buffer, want string) {
	t.Helper()
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
