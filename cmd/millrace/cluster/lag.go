package cluster

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	corev1 "k8s.io/api/core/v1"

	"github.com/millrace/millrace/runtime/fault"
)

// mostAsked is how many workers are asked at a time.
const mostAsked = 8

// LagOptions says whose lag to show.
type LagOptions struct {
	// Job is the job's name.
	Job string
	// Layout is how.
	Layout Layout
	// Now is the time to tell delays by.
	Now time.Time
	// Stdout takes the result.
	Stdout io.Writer
}

// lagReport is what is printed for programs.
type lagReport struct {
	Job       string   `json:"job"`
	Namespace string   `json:"namespace"`
	Workers   []Worker `json:"workers"`
}

// Lag asks each worker how far it is. It shows those that answer; that one does not is an error, at the end.
func (c *Cluster) Lag(ctx context.Context, o LagOptions) error {
	if err := o.Layout.check(Table, JSON, YAML); err != nil {
		return err
	}
	if _, err := c.Job(ctx, o.Job); err != nil {
		return err
	}
	pods, err := c.workers(ctx, o.Job)
	if err != nil {
		return err
	}
	if len(pods) == 0 {
		return fault.New(fault.User, fault.Place{}, "StreamJob %s/%s has no workers", c.Namespace, o.Job).Do("look at millrace status %s: it says what it waits for", o.Job)
	}
	workers := c.askAll(ctx, pods)
	if o.Layout == Table {
		err = showLag(&o, workers)
	} else {
		err = o.Layout.print(o.Stdout, lagReport{o.Job, c.Namespace, workers})
	}
	if err != nil {
		return err
	}
	var silent []string
	for _, w := range workers {
		if w.Problem != "" {
			silent = append(silent, w.Pod+": "+w.Problem)
		}
	}
	if len(silent) > 0 {
		return fault.New(fault.Transient, fault.Place{}, "%d of %d workers do not answer: %s", len(silent), len(workers), strings.Join(silent, "; ")).
			Do("the API server must reach the pods on their port http; kubectl port-forward takes another way")
	}
	return nil
}

// askAll asks the workers, some at a time, and returns their answers in the order of the pods.
func (c *Cluster) askAll(ctx context.Context, pods []*corev1.Pod) []Worker {
	answers := make([]Worker, len(pods))
	room := make(chan struct{}, mostAsked)
	var asking sync.WaitGroup
	for i, pod := range pods {
		room <- struct{}{}
		asking.Go(func() {
			answers[i] = c.ask(ctx, pod)
			<-room
		})
	}
	asking.Wait()
	return answers
}

func showLag(o *LagOptions, workers []Worker) error {
	t := newTable(o.Stdout, "WORKER", "READY", "TASKS", "LAG", "WATERMARK", "BEHIND")
	type held struct {
		Partition
		pod string
	}
	var all []held
	for _, w := range workers {
		if w.Problem != "" {
			t.row(w.Pod, "<no answer>", "", "", "", "")
			continue
		}
		mark, behind := "", ""
		if w.Watermark != nil {
			mark, behind = w.Watermark.Format("2006-01-02T15:04:05.000Z"), o.Now.Sub(*w.Watermark).Round(100*time.Millisecond).String()
		}
		ready := "no"
		if w.Ready {
			ready = "yes"
		}
		t.row(w.Pod, ready, strconv.Itoa(w.Tasks), strconv.FormatInt(w.LagRecords, 10), mark, behind)
		for _, p := range w.Partitions {
			all = append(all, held{p, w.Pod})
		}
	}
	if err := t.Flush(); err != nil || len(all) == 0 {
		return err
	}
	slices.SortStableFunc(all, func(a, b held) int { return byPlace(a.Partition, b.Partition) })
	_, _ = fmt.Fprintln(o.Stdout)
	t = newTable(o.Stdout, "TOPIC", "PARTITION", "KIND", "LAG", "WORKER")
	for _, p := range all {
		kind := "exchange"
		if p.Source {
			kind = "source"
		}
		t.row(p.Topic, strconv.Itoa(p.Partition.Partition), kind, strconv.FormatInt(p.LagRecords, 10), p.pod)
	}
	return t.Flush()
}

// byPlace orders partitions: sources before the job's own topics.
func byPlace(a, b Partition) int {
	if a.Source != b.Source {
		if a.Source {
			return -1
		}
		return 1
	}
	return cmp.Or(strings.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
}

// place reads the labels of a partition's metric.
func place(m *dto.Metric) (topic string, partition int) {
	for _, l := range m.GetLabel() {
		switch l.GetName() {
		case "topic":
			topic = l.GetValue()
		case "partition":
			partition = number(l.GetValue())
		}
	}
	return topic, partition
}
