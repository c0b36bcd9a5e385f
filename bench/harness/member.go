package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/runtime/control"
)

const (
	statusPause  = 5 * time.Millisecond
	endPatience  = 30 * time.Second
	joinPatience = 2 * time.Minute
)

// member is a worker process of a job of the bench's own.
type member struct {
	process   *measure.Process
	began     time.Time
	address   string
	disk, log string
}

// status asks the worker how it is.
func (m *member) status(ctx context.Context) (s control.Status, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.address+"/status", http.NoBody)
	if err != nil {
		return s, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return s, err
	}
	defer func() { _ = response.Body.Close() }()
	return s, json.NewDecoder(response.Body).Decode(&s)
}

// await asks for the status until it is as wanted.
func (m *member) await(ctx context.Context, what string, wanted func(control.Status) bool) (control.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, joinPatience)
	defer cancel()
	ticks := time.NewTicker(statusPause)
	defer ticks.Stop()
	for {
		s, err := m.status(ctx)
		if err == nil && wanted(s) { // an error is that of a process whose door is not open yet
			return s, nil
		}
		select {
		case <-ctx.Done():
			return s, fmt.Errorf("%s: %w: %s", what, ctx.Err(), m.lastWords())
		case <-m.process.Ended():
			return s, fmt.Errorf("%s: the worker ended, %s: %s", what, m.process.Status(), m.lastWords())
		case <-ticks.C:
		}
	}
}

// firstCommit returns the time from the process's start to its first commit.
func (m *member) firstCommit(ctx context.Context) (time.Duration, error) {
	s, err := m.await(ctx, "the first commit", func(s control.Status) bool { return s.Commits > 0 })
	return s.LastCommit.Sub(m.began), err
}

// settle returns once nothing is left to read, and nothing has been committed for a while.
func (m *member) settle(ctx context.Context) error {
	const still = 2 * time.Second
	_, err := m.await(ctx, "all input is read", func(s control.Status) bool {
		for _, t := range s.Tasks {
			if t.LagRecords > 0 {
				return false
			}
		}
		return len(s.Tasks) > 0 && s.Commits > 0 && time.Since(s.LastCommit) > still
	})
	return err
}

// opened returns how long the worker took to open its tasks, by its log.
func (m *member) opened() (time.Duration, error) {
	text, err := os.ReadFile(m.log)
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var said struct {
			Msg  string
			Took time.Duration
		}
		if json.Unmarshal(lines.Bytes(), &said) == nil && said.Msg == "partitions opened" {
			return said.Took, nil
		}
	}
	return 0, errors.New("the worker has opened nothing")
}

// kill ends the process by SIGKILL and waits for it.
func (m *member) kill() {
	if m == nil || m.process == nil {
		return
	}
	_ = m.process.Signal(syscall.SIGKILL) // it may have ended by itself
	<-m.process.Ended()
}

// stop ends the process in good order.
func (m *member) stop() { m.process.Stop(endPatience) }

func (m *member) lastWords() string {
	const shown = 1500
	text, _ := os.ReadFile(m.log) // without, there is nothing to say
	return string(text[max(0, len(text)-shown):])
}
