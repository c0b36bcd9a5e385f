//go:build integration

package state_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/postgresstore"
	"github.com/millrace/millrace/runtime/state/redisstore"
	"github.com/millrace/millrace/runtime/state/remote"
	"github.com/millrace/millrace/runtime/state/statetest"
	"github.com/millrace/millrace/test/stateserver"
)

// kind is a kind of server.
type kind struct {
	start func(tb testing.TB) *stateserver.Server
	open  func(ctx context.Context, server remote.Server, job string, epoch int64) (state.Backend, error)
	// flush makes a server forget everything.
	flush func(tb testing.TB, s *stateserver.Server)
}

func TestRedis(t *testing.T) {
	onOne(t, kind{
		start: stateserver.Redis, flush: flushRedis,
		open: func(ctx context.Context, server remote.Server, job string, epoch int64) (state.Backend, error) {
			return redisstore.Open(ctx, redisstore.Options{Server: server, Job: job, StateEpoch: epoch})
		},
	})
}

func TestPostgreSQL(t *testing.T) {
	onOne(t, kind{
		start: stateserver.Postgres, flush: flushPostgres,
		open: func(ctx context.Context, server remote.Server, job string, epoch int64) (state.Backend, error) {
			return postgresstore.Open(ctx, postgresstore.Options{Server: server, Job: job, StateEpoch: epoch})
		},
	})
}

// onOne runs all tests on one server.
func onOne(t *testing.T, k kind) {
	t.Helper()
	s := k.start(t)
	t.Run("the suite of all stores", func(t *testing.T) {
		statetest.Run(t, func(t *testing.T) state.Backend {
			t.Helper()
			return backend(t, k, s.URL, newJob(), 1)
		})
	})
	tests := map[string]func(t *testing.T, k kind, s *stateserver.Server){
		"jobs of one server do not touch each other":               jobsApart,
		"long keys and bytes of all kinds":                         allBytes,
		"over TLS the server's certificate is checked":             overTLS,
		"a large commit is one":                                    largeCommit,
		"a crash of the server leaves a commit":                    crashes,
		"a zombie changes nothing":                                 zombie,
		"a flushed server is an older position":                    flushed,
		"another changelog empties the store":                      anotherChangelog,
		"a lost answer is found out":                               lostAnswer,
		"a server that is away is waited for, then Transient":      away,
		"a wrong password is a user's error that does not show it": wrongPassword,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, k, s) })
	}
}

func at(url string) remote.Server {
	return remote.Server{URL: url, Password: func() (string, error) { return stateserver.Password, nil }, Patience: 20 * time.Second}
}

// backend opens a job's state; it waits for a server that has just begun.
func backend(tb testing.TB, k kind, url, job string, epoch int64) state.Backend {
	tb.Helper()
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		b, err := k.open(tb.Context(), at(url), job, epoch)
		if err == nil {
			return b
		}
		if time.Since(begin) > 20*time.Second {
			tb.Fatal(err)
		}
	}
}

var jobs atomic.Int64

func newJob() string { return fmt.Sprintf("local.default.job%d", jobs.Add(1)) }

// jobsApart drops a task, and begins a new state epoch, beside jobs whose names begin alike.
func jobsApart(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	neighbours := []string{"a.b.job", "a.b.job-2", "a.b.jo"}
	for _, job := range neighbours {
		b := backend(t, k, s.URL, job, 1)
		for _, task := range []string{"s/1", "s/11"} {
			store := open(t, b, task)
			commit(t, store, 1)
			must(t, store.Close())
		}
		must(t, b.Close())
	}
	look := func(job string, epoch int64, task string) int64 {
		b := backend(t, k, s.URL, job, epoch)
		store := open(t, b, task)
		defer func() { must(t, store.Close()); must(t, b.Close()) }()
		return store.Position().Commit
	}
	b := backend(t, k, s.URL, "a.b.job", 1)
	must(t, b.Drop("s/1"))
	must(t, b.Close())
	if got := look("a.b.job", 1, "s/1"); got != 0 {
		t.Errorf("dropped, and yet at commit %d", got)
	}
	if got := look("a.b.job", 1, "s/11"); got != 1 {
		t.Errorf("another task of the job is at commit %d", got)
	}
	if got := look("a.b.job", 2, "s/11"); got != 0 {
		t.Errorf("a new state epoch begins at commit %d", got)
	}
	if got := look("a.b.job", 1, "s/11"); got != 0 {
		t.Errorf("what the state epoch before has left is still there, at commit %d", got)
	}
	for _, job := range neighbours[1:] {
		if got := look(job, 1, "s/1"); got != 1 {
			t.Errorf("%s is at commit %d", job, got)
		}
	}
}

// allBytes writes what is at the edge of what servers take.
func allBytes(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	b := backend(t, k, s.URL, newJob(), 1)
	store := open(t, b, "s/0")
	want := statetest.Model{}
	var c state.Changes
	for i := range 256 {
		key, value := strings.Repeat(string([]byte{0, byte(i), 0xff}), i%3+1), strings.Repeat(string([]byte{byte(i), 0}), i)
		must(t, c.Put([]byte(key), []byte(value)))
		want[key] = value
	}
	key, value := strings.Repeat("long\x00", 400), strings.Repeat("\x00\x01\xff", 1<<20)
	must(t, c.Put([]byte(key), []byte(value)))
	want[key] = value
	must(t, store.Apply(&c, state.Position{Commit: 1}))
	equal(t, store, want)
	for key, value := range want {
		got, found, err := store.Get([]byte(key))
		if err != nil || !found || string(got) != value {
			t.Fatalf("%x: %d bytes %v %v", key, len(got), found, err)
		}
	}
	must(t, store.Close())
	must(t, b.Close())
}

// largeCommit makes commits of many chunks, and reads them by scans of many pages.
func largeCommit(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	b := backend(t, k, s.URL, newJob(), 1)
	store := open(t, b, "s/0")
	want := statetest.Model{}
	for n := range int64(3) {
		var c state.Changes
		if n == 2 {
			must(t, c.DeleteRange([]byte("key010000"), []byte("key020000")))
			want.DeleteRange([]byte("key010000"), []byte("key020000"))
		}
		for i := range 30_000 {
			key, value := fmt.Sprintf("key%06d", i), fmt.Sprintf("%040d", n)
			if n == 2 && i%3 > 0 {
				continue
			}
			must(t, c.Put([]byte(key), []byte(value)))
			want[key] = value
		}
		must(t, store.Apply(&c, state.Position{Commit: n + 1}))
	}
	equal(t, store, want)
	must(t, store.Close())
	store = open(t, b, "s/0")
	equal(t, store, want)
	must(t, store.Close())
	must(t, b.Close())
}

func open(tb testing.TB, b state.Backend, task string) state.Store {
	tb.Helper()
	s, err := b.Open(task)
	must(tb, err)
	return s
}

// commit writes what commit n writes: a key of its own, a counter, and every third time it deletes a range.
func commit(tb testing.TB, s state.Store, n int64) {
	tb.Helper()
	must(tb, tryCommit(s, n))
}

func tryCommit(s state.Store, n int64) error {
	var c state.Changes
	if n%3 == 0 {
		if err := c.DeleteRange([]byte("key"), []byte("kez")); err != nil {
			return err
		}
	}
	for _, k := range []string{"counter", fmt.Sprint("key", n)} {
		if err := c.Put([]byte(k), fmt.Append(nil, n)); err != nil {
			return err
		}
	}
	return s.Apply(&c, position(n))
}

func position(n int64) state.Position {
	return state.Position{Commit: n, Offset: 2 * n, Meta: fmt.Append(nil, "meta", n)}
}

// expected is what commits up to n leave.
func expected(n int64) statetest.Model {
	m := statetest.Model{}
	for i := int64(1); i <= n; i++ {
		if i%3 == 0 {
			m.DeleteRange([]byte("key"), []byte("kez"))
		}
		text := strconv.FormatInt(i, 10)
		m["counter"], m["key"+text] = text, text
	}
	return m
}

func equal(tb testing.TB, s state.Store, want statetest.Model) {
	tb.Helper()
	left := len(want)
	must(tb, s.Scan(nil, nil, func(key, value []byte) error {
		left--
		if v, ok := want[string(key)]; !ok || v != string(value) {
			tb.Errorf("%.40q=%.40q, want %.40q %v", key, value, v, ok)
		}
		return nil
	}))
	if left != 0 {
		tb.Errorf("%d keys are missing", left)
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
