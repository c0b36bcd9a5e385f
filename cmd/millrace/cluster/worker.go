package cluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	corev1 "k8s.io/api/core/v1"

	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	// workerPatience bounds a question to a worker.
	workerPatience = 10 * time.Second
	// mostPageBytes bounds a worker's page of metrics: one of a thousand tasks has a fifth of it.
	mostPageBytes = 16 << 20
	// plainPort is the worker's plain door where its pod does not say.
	plainPort = 8080
)

// Worker is what a worker says of its progress.
type Worker struct {
	// Pod is its name.
	Pod string `json:"pod"`
	// Ready says that it has joined its group and restored its tasks, and Tasks is their number.
	Ready bool `json:"ready"`
	Tasks int  `json:"tasks"`
	// LagRecords is the sum over the partitions of sources.
	LagRecords int64 `json:"lagRecords"`
	// Watermark is the event time that all its tasks have reached; nil before the first.
	Watermark *time.Time `json:"watermark,omitempty"`
	// Partitions are those that it reads, by topic and number.
	Partitions []Partition `json:"partitions"`
	// Problem says why there is nothing of all this.
	Problem string `json:"problem,omitempty"`
}

// Partition is a partition that a worker reads.
type Partition struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	// Source says that it is of a topic of the user's, and not of the job's own.
	Source bool `json:"source"`
	// LagRecords are the offsets to its end.
	LagRecords int64 `json:"lagRecords"`
}

// page reads a worker's metrics, through the API server's proxy to its plain door: that takes no token of the job's, and would pass none on.
func (c *Cluster) page(ctx context.Context, pod *corev1.Pod) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, workerPatience)
	defer cancel()
	req := c.core.Get().Namespace(c.Namespace).Resource("pods").Name(fmt.Sprintf("%s:%d", pod.Name, portOf(pod))).SubResource("proxy").Suffix("metrics")
	stream, err := req.Stream(ctx)
	if err != nil {
		return nil, c.said(err, "get pods/proxy", "Pod "+c.Namespace+"/"+pod.Name)
	}
	defer func() { _ = stream.Close() }()
	text, err := io.ReadAll(io.LimitReader(stream, mostPageBytes))
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "read the metrics of %s", pod.Name)
	}
	return text, nil
}

// portOf is the plain door's.
func portOf(pod *corev1.Pod) int32 {
	for i := range pod.Spec.Containers {
		if pod.Spec.Containers[i].Name != render.WorkerContainer {
			continue
		}
		for _, p := range pod.Spec.Containers[i].Ports {
			if p.Name == "http" {
				return p.ContainerPort
			}
		}
	}
	return plainPort
}

// ask reads what a worker says. A worker that does not answer has a Problem.
func (c *Cluster) ask(ctx context.Context, pod *corev1.Pod) Worker {
	text, err := c.page(ctx, pod)
	if err == nil {
		var w *Worker
		if w, err = readPage(pod.Name, text); err == nil {
			return *w
		}
	}
	return Worker{Pod: pod.Name, Problem: err.Error(), Partitions: []Partition{}}
}

// readPage takes from a page of metrics what is about progress.
func readPage(pod string, text []byte) (*Worker, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "read the metrics of %s", pod)
	}
	w := &Worker{Pod: pod, Partitions: []Partition{}}
	if families["millrace_ready"] == nil {
		return nil, fault.New(fault.Corrupt, fault.Place{}, "%s serves no metrics of a worker", pod).Do("look whether a sidecar has its port")
	}
	gauge := func(name string) (float64, bool) {
		f := families[name]
		if f == nil || len(f.GetMetric()) == 0 {
			return 0, false
		}
		return f.GetMetric()[0].GetGauge().GetValue(), true
	}
	ready, _ := gauge("millrace_ready")
	tasks, _ := gauge("millrace_tasks")
	w.Ready, w.Tasks = ready == 1, int(tasks)
	if seconds, ok := gauge("millrace_watermark_seconds"); ok {
		at := time.UnixMicro(int64(seconds * 1e6)).UTC()
		w.Watermark = &at
	}
	sources := map[string]bool{}
	for _, m := range families["millrace_source_shed_records_total"].GetMetric() {
		topic, partition := place(m)
		sources[topic+"/"+strconv.Itoa(partition)] = true
	}
	for _, m := range families["millrace_lag_records"].GetMetric() {
		topic, partition := place(m)
		p := Partition{Topic: topic, Partition: partition, Source: sources[topic+"/"+strconv.Itoa(partition)], LagRecords: int64(m.GetGauge().GetValue())}
		if p.Source {
			w.LagRecords += p.LagRecords
		}
		w.Partitions = append(w.Partitions, p)
	}
	slices.SortFunc(w.Partitions, byPlace)
	return w, nil
}
