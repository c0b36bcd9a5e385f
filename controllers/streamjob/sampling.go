package streamjob

import (
	"context"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/controllers/autoscale"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/workerapi"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

const (
	// sampleInterval is the shortest time between two samples of a job's workers; passes come every ten seconds, and more often while things change.
	sampleInterval = 8 * time.Second
	// mostAsked is how many workers of a job are asked at a time.
	mostAsked = 16
	// plainPort is the worker's plain door where its pod does not say.
	plainPort = 8080
)

// Workers asks a job's workers what they do.
type Workers interface {
	// Ask asks the worker of a pod, whose plain door is at an address, HOST:PORT.
	Ask(ctx context.Context, pod types.NamespacedName, address string) (*workerapi.Report, error)
}

// watches keeps what was seen of jobs' workers, for as long as the process lives.
type watches struct {
	mu   sync.Mutex
	jobs map[types.NamespacedName]*watch
}

// watch is what was seen of an epoch of a job. A job is in one pass at a time.
type watch struct {
	uid    types.UID
	epoch  int64
	memory autoscale.Memory
	asked  time.Time
}

// of returns what was seen of an epoch of a job, or begins with it.
func (w *watches) of(key types.NamespacedName, uid types.UID, epoch int64) *watch {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.jobs == nil {
		w.jobs = map[types.NamespacedName]*watch{}
	}
	v := w.jobs[key]
	if v == nil || v.uid != uid || v.epoch != epoch {
		v = &watch{uid: uid, epoch: epoch}
		w.jobs[key] = v
	}
	return v
}

func (w *watches) forget(key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.jobs, key)
}

// addressOf is that of a pod's plain door; empty while the pod has no address.
func addressOf(pod *corev1.Pod) string {
	if pod.Status.PodIP == "" {
		return ""
	}
	port := int32(plainPort)
	for i := range pod.Spec.Containers {
		for _, p := range pod.Spec.Containers[i].Ports {
			if pod.Spec.Containers[i].Name == render.WorkerContainer && p.Name == "http" {
				port = p.ContainerPort
			}
		}
	}
	return net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(int(port)))
}

// sample asks the workers of the running epoch that are ready.
func (p *pass) sample(ctx context.Context, wanted int32) autoscale.Sample {
	s := autoscale.Sample{At: p.observed.Now, Wanted: int(wanted)}
	var names []string
	for i := range p.observed.Pods {
		if pod := &p.observed.Pods[i]; pod.Epoch == p.job.Status.Epoch && pod.Ready && !pod.Terminating {
			names = append(names, pod.Name)
		}
	}
	s.Ready = len(names)
	ctx, cancel := context.WithTimeout(ctx, workerapi.Patience)
	defer cancel()
	answers := make([]*autoscale.Worker, len(names))
	problems := make([]string, len(names))
	room := make(chan struct{}, mostAsked)
	stages := stagesOf(p.stored, p.names(p.job.Status.StateEpoch))
	var asking sync.WaitGroup
	for i, name := range names {
		room <- struct{}{}
		asking.Go(func() {
			defer func() { <-room }()
			report, err := p.Workers.Ask(ctx, types.NamespacedName{Namespace: p.job.Namespace, Name: name}, p.addresses[name])
			if err == nil {
				answers[i], err = worker(name, report, stages)
			}
			if err != nil {
				problems[i] = err.Error()
			}
		})
	}
	asking.Wait()
	for i, answer := range answers {
		if answer == nil {
			if len(s.Silent) == 0 {
				s.Why = problems[i]
			}
			s.Silent = append(s.Silent, names[i])
		} else {
			s.Workers = append(s.Workers, *answer)
		}
	}
	return s
}

// stageInput is what a stage reads.
type stageInput struct {
	topic        string
	source, made bool
}

func stagesOf(plan *physical.Plan, names physical.Topics) map[string]stageInput {
	stages := map[string]stageInput{}
	for i := range plan.Stages {
		s := &plan.Stages[i]
		switch {
		case s.Input.Exchange != nil:
			stages[s.Name] = stageInput{topic: names.Exchange(s.Input.Exchange.Name)}
		case s.Input.Topic != nil:
			stages[s.Name] = stageInput{topic: s.Input.Topic.Topic, source: true, made: s.Input.Topic.Nexmark != nil}
		}
	}
	return stages
}

// worker puts a report into terms of the plan. One that does not fit to it is none: a task without its lag would look like one without a backlog.
func worker(name string, r *workerapi.Report, stages map[string]stageInput) (*autoscale.Worker, error) {
	if !r.Ready {
		return nil, fault.New(fault.Transient, fault.Place{}, "%s restores its tasks", name)
	}
	w := &autoscale.Worker{Name: name, Busy: r.Busy, Backpressure: r.Backpressure, Commit: r.Commit, Idle: r.Idle}
	for _, t := range r.Tasks {
		in, known := stages[t.Stage]
		lag, measured := r.Lag[workerapi.Partition{Topic: in.topic, Number: t.Partition}]
		if !known || !measured && !in.made {
			return nil, fault.New(fault.Transient, fault.Place{}, "%s shows no lag of task %s/%d by the plan of this epoch", name, t.Stage, t.Partition)
		}
		w.Tasks = append(w.Tasks, autoscale.Task{Stage: t.Stage, Partition: t.Partition, Source: in.source, Rows: t.Rows, Busy: t.Busy, Lag: lag})
	}
	slices.SortFunc(w.Tasks, func(a, b autoscale.Task) int { return int(a.Partition - b.Partition) })
	return w, nil
}
