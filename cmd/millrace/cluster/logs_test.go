package cluster_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/cmd/millrace/cluster"
)

func TestLogsOfAllWorkersHaveTheirPodsInFront(t *testing.T) {
	s := newServer(t)
	s.objects[jobsPath] = []runtime.Object{job("delays")}
	s.objects[podsPath] = []runtime.Object{pod("delays-2-1"), pod("delays-2-0")}
	asked := ""
	for _, name := range []string{"delays-2-0", "delays-2-1"} {
		s.log(name, func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.RawQuery
			_, _ = fmt.Fprintf(w, "one of %s\nan end without a line's", name)
		})
	}
	var out bytes.Buffer
	if err := s.cluster.Logs(t.Context(), cluster.LogsOptions{Job: "delays", Tail: 5, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	same(t, &out, `[delays-2-0] one of delays-2-0
[delays-2-0] an end without a line's
[delays-2-1] one of delays-2-1
[delays-2-1] an end without a line's
`)
	if asked != "container=worker&tailLines=5" {
		t.Errorf("asked for %s", asked)
	}
}

// Streams of several workers are mixed by lines, and end with the context.
func TestLogsAreFollowedUntilInterrupted(t *testing.T) {
	s := newServer(t)
	s.objects[jobsPath] = []runtime.Object{job("delays")}
	s.objects[podsPath] = []runtime.Object{pod("delays-2-0"), pod("delays-2-1")}
	const lines = 50
	for _, name := range []string{"delays-2-0", "delays-2-1"} {
		s.log(name, func(w http.ResponseWriter, r *http.Request) {
			for i := range lines {
				_, _ = fmt.Fprintf(w, "half of %d, ", i)
				_ = http.NewResponseController(w).Flush()
				_, _ = fmt.Fprintf(w, "and the other\n")
			}
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s.objects[podsPath] = append(s.objects[podsPath], pod("delays-2-2"))
	out, said := &until{stop: stop, left: 2 * lines}, &until{}
	if err := s.cluster.Logs(ctx, cluster.LogsOptions{Job: "delays", Follow: true, Tail: -1, Stdout: out, Stderr: said}); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(out.text.String()), "\n")
	slices.Sort(got)
	var want []string
	for _, name := range []string{"delays-2-0", "delays-2-1"} {
		for i := range lines {
			want = append(want, fmt.Sprintf("[%s] half of %d, and the other", name, i))
		}
	}
	slices.Sort(want)
	if text := said.text.String(); strings.Count(text, "\n") > 1 {
		t.Errorf("one pod has no log, and it is said: %s", text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d lines:\n%s", len(got), strings.Join(got, "\n"))
	}
}

// until stops what is going on after a number of writes.
type until struct {
	stop func()

	mu   sync.Mutex
	left int
	text bytes.Buffer
}

func (u *until) Write(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.left--; u.left == 0 {
		u.stop()
	}
	return u.text.Write(p)
}
