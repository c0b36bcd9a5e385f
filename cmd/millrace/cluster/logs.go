package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	// lookAgainEvery is how often a follower looks for workers that have come since.
	lookAgainEvery = 3 * time.Second
	// mostLineBytes bounds a line that is written whole; of a longer one each part has the prefix.
	mostLineBytes = 64 << 10
)

// LogsOptions says which logs to write.
type LogsOptions struct {
	// Job is the job's name.
	Job string
	// Follow goes on until the context ends, with workers that come later too.
	Follow bool
	// Previous writes the logs of the containers before the last restart.
	Previous bool
	// Tail is how many lines of each worker to begin with; below 0 all there are.
	Tail int64
	// Since is how far back to begin; 0 is from the start.
	Since time.Duration
	// Stdout takes the logs, a line at a time, and Stderr what is wrong with one that is followed.
	Stdout, Stderr io.Writer
}

// Logs writes what a job's workers say, each line behind the name of its pod.
func (c *Cluster) Logs(ctx context.Context, o LogsOptions) error {
	if _, err := c.Job(ctx, o.Job); err != nil {
		return err
	}
	pods, err := c.workers(ctx, o.Job)
	if err != nil {
		return err
	}
	if o.Follow {
		return c.follow(ctx, &o, pods)
	}
	if len(pods) == 0 {
		return fault.New(fault.User, fault.Place{}, "StreamJob %s/%s has no workers", c.Namespace, o.Job).Do("look at millrace status %s: it says what it waits for", o.Job)
	}
	out := &lines{w: o.Stdout}
	var failed []error
	for _, pod := range pods {
		if err := c.copyLog(ctx, pod, logParams(&o), out); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// logParams are those of the API's log page.
func logParams(o *LogsOptions) map[string]string {
	p := map[string]string{"container": render.WorkerContainer}
	if o.Follow {
		p["follow"] = "true"
	}
	if o.Previous {
		p["previous"] = "true"
	}
	if o.Tail >= 0 {
		p["tailLines"] = strconv.FormatInt(o.Tail, 10)
	}
	if o.Since > 0 {
		p["sinceSeconds"] = strconv.FormatInt(max(1, int64(o.Since.Seconds())), 10)
	}
	return p
}

// follower has a stream for each pod, and begins another where one has come or has started again.
type follower struct {
	*Cluster
	options *LogsOptions
	out     *lines
	working sync.WaitGroup

	mu     sync.Mutex
	open   map[string]bool
	closed map[string]time.Time // when a stream ended that had begun
	warned map[string]bool      // of streams that can't be had
}

func (c *Cluster) follow(ctx context.Context, o *LogsOptions, pods []*corev1.Pod) error {
	f := &follower{Cluster: c, options: o, out: &lines{w: o.Stdout}, open: map[string]bool{}, closed: map[string]time.Time{}, warned: map[string]bool{}}
	defer f.working.Wait()
	again := time.NewTicker(lookAgainEvery)
	defer again.Stop()
	for {
		for _, pod := range pods {
			f.begin(ctx, pod)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
		if err := f.out.err(); err != nil {
			return err
		}
		found, err := c.workers(ctx, o.Job)
		switch {
		case err == nil:
			pods = found
		case fault.KindOf(err) == fault.User:
			return err
		}
	}
}

// begin begins to follow a pod, unless that goes on.
func (f *follower) begin(ctx context.Context, pod *corev1.Pod) {
	id := string(pod.UID)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[id] || pod.Status.Phase == corev1.PodPending {
		return
	}
	params := logParams(f.options)
	if since, before := f.closed[id]; before {
		delete(params, "tailLines")
		delete(params, "sinceSeconds")
		params["sinceTime"] = since.UTC().Format(time.RFC3339)
	}
	f.open[id] = true
	f.working.Go(func() {
		err := f.copyLog(ctx, pod, params, f.out)
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.open, id)
		switch {
		case err == nil:
			f.closed[id] = time.Now()
		case ctx.Err() == nil && !f.warned[id]: // it is tried again
			f.warned[id] = true
			_, _ = fmt.Fprintln(f.options.Stderr, "warning:", err)
		}
	})
}

// copyLog writes the log of a pod.
func (c *Cluster) copyLog(ctx context.Context, pod *corev1.Pod, params map[string]string, out *lines) error {
	stream, err := c.openLog(ctx, pod, params)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	err = out.copy("["+pod.Name+"] ", stream)
	if err != nil && ctx.Err() == nil {
		return fault.Wrap(fault.Transient, err, "read the log of %s", pod.Name)
	}
	return nil
}

func (c *Cluster) openLog(ctx context.Context, pod *corev1.Pod, params map[string]string) (io.ReadCloser, error) {
	req := c.core.Get().Namespace(c.Namespace).Resource("pods").Name(pod.Name).SubResource("log")
	for name, value := range params {
		req = req.Param(name, value)
	}
	stream, err := req.Stream(ctx)
	if err != nil {
		return nil, c.said(err, "get pods/log", "the log of Pod "+c.Namespace+"/"+pod.Name)
	}
	return stream, nil
}

// lines writes whole lines of several streams. It is safe for concurrent use.
type lines struct {
	mu     sync.Mutex
	w      io.Writer
	failed error
}

func (l *lines) copy(prefix string, from io.Reader) error {
	r := bufio.NewReaderSize(from, mostLineBytes)
	for {
		line, err := r.ReadSlice('\n')
		if len(line) > 0 {
			if e := l.line(prefix, line); e != nil {
				return e
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

func (l *lines) line(prefix string, line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := append([]byte(prefix), bytes.TrimSuffix(line, []byte("\n"))...)
	if _, err := l.w.Write(append(text, '\n')); err != nil {
		l.failed = err
	}
	return l.failed
}

func (l *lines) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}
