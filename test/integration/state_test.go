//go:build integration

package integration_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/postgresstore"
	"github.com/millrace/millrace/runtime/state/redisstore"
	"github.com/millrace/millrace/runtime/state/remote"
	"github.com/millrace/millrace/test/stateserver"
)

// TestStateOnAServerCountsEveryRowOnce kills workers that keep their state on a server, and once the server itself.
func TestStateOnAServerCountsEveryRowOnce(t *testing.T) {
	cases := map[string]struct {
		start func(tb testing.TB) *stateserver.Server
		open  func(t *testing.T, s remote.Server) (state.Backend, error)
	}{
		"redis": {stateserver.Redis, func(t *testing.T, s remote.Server) (state.Backend, error) {
			t.Helper()
			return redisstore.Open(t.Context(), redisstore.Options{Server: s, Job: prefix, StateEpoch: 1})
		}},
		"postgres": {stateserver.Postgres, func(t *testing.T, s remote.Server) (state.Backend, error) {
			t.Helper()
			return postgresstore.Open(t.Context(), postgresstore.Options{Server: s, Job: prefix, StateEpoch: 1})
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := c.start(t)
			j := newJob(t)
			j.feeding = feedFor / 3
			secret := filepath.Join(j.folder, "password")
			if err := os.WriteFile(secret, []byte(stateserver.Password+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			j.state = []string{"--state-backend", name, "--state-url", server.URL, "--state-password-file", secret}
			fed := j.feeds()
			j.start(0)
			j.start(1)
			r := rand.New(rand.NewPCG(7, 8))
			for begin := time.Now(); time.Since(begin) < j.feeding; {
				time.Sleep(time.Duration(1000+r.IntN(1000)) * time.Millisecond)
				j.signal(r.IntN(2), syscall.SIGKILL)
				if j.kills++; j.kills == 2 {
					server.Kill(t)
					server.Restart(t)
				}
			}
			j.check(<-fed)
			j.stop()
			j.keepsNoSecret(stateserver.Password)
			b, err := c.open(t, remote.Server{URL: server.URL, Password: func() (string, error) { return stateserver.Password, nil }})
			if err != nil {
				t.Fatal(err)
			}
			commits := int64(0)
			for p := range partitions {
				s, err := b.Open(fmt.Sprintf("%s/%d", j.statefulStage(), p))
				if err != nil {
					t.Fatal(err)
				}
				commits += s.Position().Commit
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			if commits < 10*partitions {
				t.Errorf("the server stands at %d commits: the state was elsewhere", commits)
			}
		})
	}
}

// statefulStage is the plan's only stage with state.
func (j *job) statefulStage() string {
	j.t.Helper()
	text, err := os.ReadFile(j.plan)
	if err != nil {
		j.t.Fatal(err)
	}
	plan, err := physical.Decode(text)
	if err != nil {
		j.t.Fatal(err)
	}
	for _, s := range plan.Stages {
		if s.Stateful {
			return s.Name
		}
	}
	j.t.Fatal("no stage has state")
	return ""
}

// keepsNoSecret looks for a secret in what the workers said.
func (j *job) keepsNoSecret(secret string) {
	j.t.Helper()
	logs, err := filepath.Glob(filepath.Join(j.folder, "*.log"))
	if err != nil || len(logs) == 0 {
		j.t.Errorf("%d logs %v", len(logs), err)
	}
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err != nil {
			j.t.Error(err)
		}
		if strings.Contains(string(text), secret) {
			j.t.Errorf("%s holds the password", log)
		}
	}
}
