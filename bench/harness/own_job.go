package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// ownJob is a job of workers that the bench starts and ends as it likes, with state in Pebble.
type ownJob struct {
	*settings
	stage  *stage
	folder string
	topics physical.Topics
	plan   *physical.Plan
	input  string
	before []string // the command that a worker is started by; empty: none
}

// ownParallelism is the number of partitions of its internal topics.
const ownParallelism = 8

// newOwnJob makes the topics anew and compiles the job.
func (s *stage) newOwnJob(ctx context.Context, cfg *settings, name, sql string, topics ...string) (*ownJob, error) {
	j := &ownJob{
		settings: cfg, stage: s, folder: filepath.Join(s.folder, name), input: topics[0],
		topics: physical.Topics{Prefix: "bench.default." + name, StateEpoch: 1},
	}
	if err := os.Mkdir(j.folder, 0o700); err != nil {
		return nil, err
	}
	if err := s.broker.Clear(ctx); err != nil {
		return nil, err
	}
	for _, t := range topics {
		if err := s.broker.Create(ctx, cfg.partitions, t); err != nil {
			return nil, err
		}
	}
	var err error
	if j.plan, err = compile.Compile(spec.Job{Name: name, SQL: sql, File: name + ".sql", MaxParallelism: ownParallelism, BadRows: spec.BadRowsFail}); err != nil {
		return nil, err
	}
	text, err := physical.Encode(j.plan)
	if err != nil {
		return nil, err
	}
	return j, os.WriteFile(filepath.Join(j.folder, "plan.json"), text, 0o600)
}

// start starts the worker of an ordinal; more flags go last, and count.
func (j *ownJob) start(ctx context.Context, ordinal int, more ...string) (*member, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	m := &member{address: address, disk: j.disk(ordinal), log: filepath.Join(j.folder, "worker"+strconv.Itoa(ordinal)+".log")}
	log, err := os.OpenFile(m.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has a descriptor of its own
	m.began = time.Now()
	m.process, err = measure.Start(append(append(slices.Clone(j.before),
		j.paths.Worker, "--plan", filepath.Join(j.folder, "plan.json"), "--brokers", j.stage.broker.Address, "--prefix", j.topics.Prefix,
		"--epoch", "1", "--ordinal", strconv.Itoa(ordinal), "--state-dir", m.disk, "--http", address,
	), more...), log)
	return m, err
}

func (j *ownJob) disk(ordinal int) string {
	return filepath.Join(j.folder, "state"+strconv.Itoa(ordinal))
}

// internalBytes returns what the job's changelogs and its exchanges hold on the broker.
func (j *ownJob) internalBytes(ctx context.Context) (changelogs, exchanges int64, err error) {
	sizes, err := j.stage.broker.Sizes(ctx)
	for _, s := range j.plan.Stages {
		if s.Stateful {
			changelogs += sizes[j.topics.Changelog(s.Name)]
		}
		if s.Input.Exchange != nil {
			exchanges += sizes[j.topics.Exchange(s.Input.Exchange.Name)]
		}
	}
	return changelogs, exchanges, err
}

// feeding feeds the job at a rate until the function that it returns is called, which waits and says whether that went well.
func (j *ownJob) feeding(ctx context.Context, rate int64, record func(n int64, now time.Time) []byte) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		done <- j.stage.broker.Pace(ctx, measure.Feed{Topic: j.input, Partitions: j.partitions, Rate: rate, Record: record})
	}()
	return func() error {
		cancel()
		return <-done
	}
}

// freeAddress asks the kernel for a port that nobody uses now.
func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}
