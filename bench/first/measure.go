package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// result is one line of results.json.
type result struct {
	Query                string  `json:"query"`
	Engine               string  `json:"engine"`
	Events               int64   `json:"events"`
	EventsPerCPUSecond   float64 `json:"events_per_cpu_second"`
	EventsPerSecond      float64 `json:"events_per_second"`
	CPUSeconds           float64 `json:"cpu_seconds"`
	PeakRSSBytes         int64   `json:"peak_rss_bytes"`
	FirstResultSeconds   float64 `json:"first_result_seconds"`
	OutputRows           int64   `json:"output_rows"`
	CommitIntervalMillis int64   `json:"commit_interval_ms"`
	Date                 string  `json:"date"`
	Machine              string  `json:"machine"`
}

// measure runs a worker until its committed output stands for all events, stops it, and returns the figures.
func (b *bench) measure(ctx context.Context, q query) (result, error) {
	r := result{Query: q.name, Engine: "millrace", Events: b.events, CommitIntervalMillis: 100, Date: time.Now().UTC().Format(time.DateOnly), Machine: b.machine}
	plan, err := q.compilePlan(b.folder)
	if err != nil {
		return r, err
	}
	log, err := os.Create(filepath.Join(b.folder, q.name+".log"))
	if err != nil {
		return r, err
	}
	defer func() { _ = log.Close() }() // the worker has a descriptor of its own
	args := []string{
		"--plan", plan, "--brokers", b.address, "--prefix", "bench.default." + q.name, "--epoch", "1", "--state-epoch", "1", "--ordinal", "0",
		"--state-backend", "memory", "--commit-interval", "100ms", "--http", "127.0.0.1:0",
	}
	if b.profiles != "" {
		args = append(args, "--cpu-profile", filepath.Join(b.profiles, q.name+".cpu.pprof"))
	}
	worker := exec.CommandContext(ctx, b.worker, args...) //nolint:gosec // the binary is the caller's to name
	worker.Stdout, worker.Stderr = log, log
	worker.Cancel = func() error { return worker.Process.Signal(syscall.SIGTERM) }
	start := time.Now()
	if err := worker.Start(); err != nil {
		return r, err
	}
	counted, err := b.await(ctx, q, start, &r)
	elapsed := time.Since(start)
	_ = worker.Process.Signal(syscall.SIGTERM) // it may be gone already, and Wait says how
	if waited := worker.Wait(); err == nil && waited != nil {
		err = fmt.Errorf("the worker ended with %w; see %s", waited, log.Name())
	}
	if err != nil {
		return r, err
	}
	if counted != b.events {
		return r, fmt.Errorf("%s: the output stands for %d events, not %d", q.name, counted, b.events)
	}
	state := worker.ProcessState
	r.CPUSeconds = (state.UserTime() + state.SystemTime()).Seconds()
	r.EventsPerCPUSecond = float64(b.events) / r.CPUSeconds
	r.EventsPerSecond = float64(b.events) / elapsed.Seconds()
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		r.PeakRSSBytes = usage.Maxrss * 1024
	}
	return r, nil
}

// await reads the committed output until it stands for all events, and returns what it counted: more is as wrong as less.
func (b *bench) await(ctx context.Context, q query, start time.Time, r *result) (int64, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.address), kgo.ConsumeTopics(q.topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	counted := int64(0)
	for counted < b.events {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return counted, fmt.Errorf("%s: after %d of %d events: %w", q.name, counted, b.events, err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			n, e := q.events(record.Value)
			if e != nil {
				err = e
			}
			counted += n
			r.OutputRows++
		})
		if err != nil {
			return counted, err
		}
		if r.FirstResultSeconds == 0 && counted > 0 {
			r.FirstResultSeconds = time.Since(start).Seconds()
		}
	}
	return counted, nil
}
