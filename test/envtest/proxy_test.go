//go:build envtest

package envtest

import (
	"bytes"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/httpapi"
	"github.com/millrace/millrace/runtime/metrics/prom"
)

// outward is an address of this machine that the API server's proxy takes: one of the loopback is refused.
func outward(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && ip.IP.IsGlobalUnicast() {
			return ip.IP.String()
		}
	}
	t.Skip("this machine has no address but that of the loopback")
	return ""
}

// The API server passes the question on to the worker's plain door, and no token is needed.
func TestTheLagComesThroughTheAPIServer(t *testing.T) {
	t.Parallel()
	address := outward(t)
	listener, err := httpapi.Listen(t.Context(), net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	status := func() control.Status {
		return control.Status{Phase: control.Running, Watermark: 1_772_366_398_500_000, Tasks: []control.Task{{ID: "source/3", Topic: "flights", Partition: 3, Source: true, LagRecords: 41}}}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(prom.NewCollector(status))
	door := httpapi.Serve(listener, httpapi.Plain(status, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), false), nil, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { door.Close(t.Context()) })

	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "lag-"}} // nobody plays StatefulSets here
	if err := kube.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	if err := applyIn(t.Context(), ns.Name, jobYAML(sql1, "")); err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns.Name, Name: "job-1-0", Labels: map[string]string{render.LabelJob: "job", render.LabelEpoch: "1"}},
		Spec: corev1.PodSpec{NodeName: "nowhere", Containers: []corev1.Container{{
			Name: render.WorkerContainer, Image: "none", Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: int32(port)}},
		}}},
	}
	if err := kube.Create(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	pod.Status.PodIP, pod.Status.PodIPs = address, []corev1.PodIP{{IP: address}}
	if err := kube.Status().Update(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	c, err := cluster.New(administrator, ns.Name)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Lag(t.Context(), cluster.LagOptions{Job: "job", Now: now, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "job-1-0   yes     1       41    2026-03-01T11:59:58.500Z", "flights   3           source   41    job-1-0")
	if err := kube.Delete(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
}
