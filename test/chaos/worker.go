package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/millrace/millrace/bench/measure"
)

// worker is one place of the job: a process, and whoever starts it again when it ends, as Kubernetes would.
type worker struct {
	ordinal int
	args    []string
	log     string        // its file
	disk    string        // its folder
	before  *worker       // who had the place; nil: nobody
	gone    chan struct{} // closed when the place is free again

	mu      sync.Mutex
	process *measure.Process // nil while there is none
	killed  *killing         // what was done to the process; nil: it ended by itself
	cancel  context.CancelFunc
}

// killing is a death from outside.
type killing struct {
	pause time.Duration
	wipe  bool
}

// ending is how a process ended by itself, or was retired.
type ending struct {
	status      string
	kind, cause string // what it said; empty: nothing
}

// String describes the ending for people.
func (e ending) String() string {
	if e.kind == "" {
		return e.status + ", and gave no reason"
	}
	return fmt.Sprintf("%s, %s: %s", e.status, e.kind, e.cause)
}

// expected says that processes may end so: others have their place, or the world was against them. What is corrupt, or
// nobody's fault but Millrace's, is a finding.
func (e ending) expected() bool {
	switch e.kind {
	case "transient", "unknown", "fenced":
		return true
	default:
		return false
	}
}

// start starts a process. What it says is added to the log; the size of the log before it is returned.
func (w *worker) start() (*measure.Process, int64, error) {
	log, err := os.OpenFile(w.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = log.Close() }() // the process has a descriptor of its own
	at, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, 0, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killed = nil
	w.process, err = measure.Start(w.args, log)
	return w.process, at, err
}

// ended forgets the process, and returns what was done to it.
func (w *worker) ended() *killing {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.process = nil
	return w.killed
}

// kill kills the process, if there is one.
func (w *worker) kill(k killing) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.process == nil {
		return false
	}
	w.killed = &k
	return w.process.Signal(syscall.SIGKILL) == nil
}

// stop keeps the process from running for a while, if there is one.
func (w *worker) stop(ctx context.Context, length time.Duration) bool {
	w.mu.Lock()
	p := w.process
	w.mu.Unlock()
	if p == nil || p.Signal(syscall.SIGSTOP) != nil {
		return false
	}
	sleep(ctx, length)
	_ = p.Signal(syscall.SIGCONT) // it may be dead
	return true
}

// lastWords finds what a process that has ended said of it, in its log from the offset on.
func (w *worker) lastWords(p *measure.Process, from int64) ending {
	e := ending{status: p.Status()}
	f, err := os.Open(w.log)
	if err != nil {
		return e
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return e
	}
	const longestLine = 1 << 20
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		if !bytes.Contains(lines.Bytes(), []byte(`"the worker ends"`)) {
			continue
		}
		var said struct{ Kind, Cause string }
		if json.Unmarshal(lines.Bytes(), &said) == nil {
			e.kind, e.cause = said.Kind, said.Cause
		}
	}
	return e
}
