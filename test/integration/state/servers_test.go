//go:build integration

package state_test

import (
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/test/stateserver"
)

func flushRedis(tb testing.TB, s *stateserver.Server) {
	tb.Helper()
	c := redis.NewClient(&redis.Options{Addr: s.Address, DB: 1, Password: stateserver.Password})
	must(tb, c.FlushAll(tb.Context()).Err())
	must(tb, c.Close())
}

func flushPostgres(tb testing.TB, s *stateserver.Server) {
	tb.Helper()
	config, err := pgx.ParseConfig(s.URL)
	must(tb, err)
	config.Password = stateserver.Password
	c, err := pgx.ConnectConfig(tb.Context(), config)
	must(tb, err)
	_, err = c.Exec(tb.Context(), "TRUNCATE millrace_task, millrace_state")
	must(tb, err)
	must(tb, c.Close(tb.Context()))
}

// crashes kills the server again and again while commits are written, at a random moment of
// one. What comes back is some commit, data and position together, and none that was flushed is lost.
func crashes(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	job, rng, durable := newJob(), rand.New(rand.NewPCG(5, 6)), int64(0)
	for range 6 {
		b := backend(t, k, s.URL, job, 1)
		store := open(t, b, "s/0")
		n := store.Position().Commit
		if n < durable {
			t.Errorf("at commit %d, and %d was flushed", n, durable)
		}
		equal(t, store, expected(n))
		until := n + 20 + rng.Int64N(20)
		killed := make(chan struct{})
		for n < until {
			n++
			if n == until {
				pause := time.Duration(rng.IntN(3000)) * time.Microsecond
				go func() {
					defer close(killed)
					time.Sleep(pause)
					s.Kill(t)
					s.Restart(t)
				}()
			}
			if n == until-5 {
				if f, ok := b.(state.Flusher); ok {
					must(t, f.Flush())
					durable = n - 1
				}
			}
			if err := tryCommit(store, n); err != nil {
				if kind := fault.KindOf(err); kind != fault.Transient {
					t.Errorf("commit %d: %v: %v", n, kind, err)
				}
			}
		}
		<-killed
		must(t, store.Close())
		must(t, b.Close())
	}
}

// zombie lets a second worker open a task that the first has open.
func zombie(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	job := newJob()
	old, young := backend(t, k, s.URL, job, 1), backend(t, k, s.URL, job, 1)
	zombie := open(t, old, "s/0")
	commit(t, zombie, 1)
	owner := open(t, young, "s/0")
	_, _, read := zombie.Get([]byte("counter"))
	early := tryCommit(zombie, 2) // nobody has written since
	commit(t, owner, 2)
	commit(t, owner, 3)
	late := tryCommit(zombie, 2)
	loaded := zombie.(state.Loader).Load(position(9), func(put func(key, value []byte) error) error {
		return put([]byte("zombie"), []byte("was here"))
	})
	scanned := zombie.Scan(nil, nil, func(_, _ []byte) error { return nil })
	_, frozen := zombie.(state.Freezer).Freeze(1 << 20)
	for what, err := range map[string]error{
		"read": read, "early write": early, "late write": late, "load": loaded, "scan": scanned, "freeze": frozen,
	} {
		if fault.KindOf(err) != fault.Fenced {
			t.Errorf("%s: %v", what, err)
		}
	}
	equal(t, owner, expected(3))
	must(t, owner.Close())
	owner = open(t, young, "s/0")
	if at := owner.Position(); at.Commit != 3 {
		t.Errorf("the owner stands at %d", at.Commit)
	}
	equal(t, owner, expected(3))
	must(t, zombie.Close())
	must(t, owner.Close())
	must(t, old.Close())
	must(t, young.Close())
}

// flushed empties the server below an open store: it says so, and a store that is opened
// anew takes the changelog from its beginning.
func flushed(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	job := newJob()
	b := backend(t, k, s.URL, job, 1)
	store := open(t, b, "s/0")
	commit(t, store, 1)
	commit(t, store, 2)
	k.flush(t, s)
	_, _, read := store.Get([]byte("counter"))
	written := tryCommit(store, 3)
	for what, err := range map[string]error{"read": read, "write": written} {
		if fault.KindOf(err) != fault.Transient || !strings.Contains(err.Error(), "lost") {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(t, store.Close())
	store = open(t, b, "s/0")
	if at := store.Position(); at.Commit != 0 || at.Offset != 0 {
		t.Errorf("a flushed server stands at %+v", at)
	}
	for n := range int64(4) {
		commit(t, store, n+1)
	}
	// Owners are counted anew after a flush: one from before may have the number of ours. It stands elsewhere.
	zombies := backend(t, k, s.URL, job, 1)
	zombie := open(t, zombies, "s/0")
	for n := range int64(6) {
		commit(t, zombie, n+5)
	}
	k.flush(t, s)
	must(t, store.Close())
	for range 4 { // the number is below, the same and above
		store = open(t, b, "s/0")
		commit(t, store, store.Position().Commit+1)
		if kind := fault.KindOf(tryCommit(zombie, 11)); kind != fault.Transient && kind != fault.Fenced {
			t.Errorf("a write from before the flush: %v", kind)
		}
		equal(t, store, expected(store.Position().Commit))
		must(t, store.Close())
	}
	must(t, zombie.Close())
	must(t, zombies.Close())
	must(t, b.Close())
}

// anotherChangelog is about a job that was deleted and made again: its offsets are those of other topics.
func anotherChangelog(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	job := newJob()
	for _, c := range []struct {
		changelog string
		want      int64
	}{{"one", 0}, {"one", 1}, {"two", 0}, {"two", 1}} {
		b := backend(t, k, s.URL, job, 1)
		store := open(t, b, "s/0")
		must(t, store.(state.Rooted).Root(c.changelog))
		if got := store.Position().Commit; got != c.want {
			t.Errorf("changelog %s: at commit %d, want %d", c.changelog, got, c.want)
		}
		equal(t, store, expected(c.want))
		commit(t, store, c.want+1)
		equal(t, store, expected(c.want+1))
		if c.want == 1 {
			commit(t, store, 3) // a different content, for whoever comes next
		}
		must(t, store.Close())
		must(t, b.Close())
	}
}

// lostAnswer cuts the connection behind a write that the server has got. It is done once.
func lostAnswer(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	cutter := newCutter(t, s.Address)
	b := backend(t, k, strings.Replace(s.URL, s.Address, cutter.address, 1), newJob(), 1)
	store := open(t, b, "s/0")
	commit(t, store, 1)
	for n := int64(2); n < 12; n++ {
		cutter.answers.Store(n % 5) // as many answers come, the next one does not
		cutter.armed.Store(true)
		commit(t, store, n)
		cutter.armed.Store(false)
	}
	if cutter.cuts.Load() < 2 {
		t.Errorf("%d answers were lost: the test sees nothing", cutter.cuts.Load())
	}
	equal(t, store, expected(11))
	must(t, store.Close())
	must(t, b.Close())
}

// cutter passes bytes on, and cuts a connection instead of passing on an answer.
type cutter struct {
	address string
	armed   atomic.Bool
	answers atomic.Int64
	cuts    atomic.Int64
}

func newCutter(t *testing.T, to string) *cutter {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	c := &cutter{address: l.Addr().String()}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			go c.pass(server, client, false)
			go c.pass(client, server, true)
		}
	}()
	return c
}

func (c *cutter) pass(to, from net.Conn, answers bool) {
	defer func() { _ = to.Close(); _ = from.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if answers && c.armed.Load() && c.answers.Add(-1) < 0 && c.armed.CompareAndSwap(true, false) {
			c.cuts.Add(1)
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// away stops the server below an open store.
func away(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	server := at(s.URL)
	server.Patience = 300 * time.Millisecond
	b, err := k.open(t.Context(), server, newJob(), 1)
	for begin := time.Now(); err != nil && time.Since(begin) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		b, err = k.open(t.Context(), server, newJob(), 1)
	}
	must(t, err)
	store := open(t, b, "s/0")
	commit(t, store, 1)
	s.Kill(t)
	defer s.Restart(t)
	err = tryCommit(store, 2)
	if fault.KindOf(err) != fault.Transient || !strings.Contains(err.Error(), s.Address) {
		t.Errorf("away: %v", err)
	}
	must(t, store.Close())
	must(t, b.Close())
}

// wrongPassword looks for secrets in errors.
func wrongPassword(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	b := backend(t, k, s.URL, newJob(), 1) // it is up
	must(t, b.Close())
	server := at(s.URL)
	server.Password = func() (string, error) { return "hunter2", nil }
	_, err := k.open(t.Context(), server, newJob(), 1)
	if fault.KindOf(err) != fault.User || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("wrong password: %v", err)
	}
	server.URL = strings.Replace(s.URL, "127.0.0.1", "who:hunter2@127.0.0.1", 1)
	server.URL = strings.Replace(server.URL, "millrace@", "", 1)
	if _, err = k.open(t.Context(), server, newJob(), 1); fault.KindOf(err) != fault.User || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password in the URL: %v", err)
	}
}

// overTLS opens a store over TLS, with and without the authority of the server's certificate.
func overTLS(t *testing.T, k kind, s *stateserver.Server) {
	t.Helper()
	security, err := secretfile.Files{TLS: true, CA: s.CA}.Security()
	must(t, err)
	server := at(s.TLSURL)
	server.TLS = security.TLS
	job := newJob()
	b, err := k.open(t.Context(), server, job, 1)
	must(t, err)
	store := open(t, b, "s/0")
	commit(t, store, 1)
	must(t, store.Close())
	must(t, b.Close())
	for what, change := range map[string]func(){
		"an authority that nobody knows": func() { server.TLS = nil },
		"another name":                   func() { server.URL, server.TLS = strings.Replace(s.TLSURL, "127.0.0.1", "localhost", 1), security.TLS },
	} {
		change()
		if _, err := k.open(t.Context(), server, job, 1); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
