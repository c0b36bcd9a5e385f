package launch_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/millrace/launch"
	"github.com/millrace/millrace/test/locked"
)

// piped is a run whose input the test writes.
type piped struct {
	t              *testing.T
	in             *io.PipeWriter
	stdout, stderr locked.Buffer
	done           chan error
}

func startPiped(ctx context.Context, t *testing.T, query string, parallelism int) *piped {
	t.Helper()
	stdin, in := io.Pipe()
	p := &piped{t: t, in: in, done: make(chan error, 1)}
	t.Cleanup(func() { _ = in.Close() })
	sql := file(t, "q.sql", bidsTable+query)
	go func() {
		p.done <- launch.Run(ctx, launch.Options{
			SQL: sql, Inputs: []launch.Binding{{Topic: "bids", File: "-"}}, Outputs: []launch.Binding{{File: "-"}}, Parallelism: parallelism,
			Stdin: stdin, Stdout: &p.stdout, Stderr: &p.stderr, Logger: slog.New(slog.DiscardHandler),
		})
	}()
	return p
}

func (p *piped) write(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// wait returns once n rows are out; the input is still open.
func (p *piped) wait(n int) {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for strings.Count(p.stdout.String(), "\n") < n {
		select {
		case err := <-p.done:
			p.t.Fatalf("ended before its input: %v\n%s", err, p.stderr.String())
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%d rows did not come while the input was open: %q", n, p.stdout.String())
		}
	}
}

func (p *piped) end() error {
	p.t.Helper()
	select {
	case err := <-p.done:
		return err
	case <-time.After(30 * time.Second):
		p.t.Fatal("the run does not end")
		return nil
	}
}

// Feed and workers run side by side: a window that is over comes out while the input is still being written, and the
// end of the input fires the rest.
func TestResultsComeBeforeTheEndOfTheInput(t *testing.T) {
	for _, parallelism := range []int{1, 2} {
		t.Run(fmt.Sprintf("parallelism %d", parallelism), func(t *testing.T) {
			p := startPiped(t.Context(), t,
				"SELECT window_start, COUNT(*) AS n FROM TUMBLE(TABLE bids, DESCRIPTOR(at), INTERVAL '10' SECOND) GROUP BY window_start, window_end;", parallelism)
			p.write(`{"bidder":1,"at":"2024-01-01T00:00:01Z"}`)
			p.write(`{"bidder":2,"at":"2024-01-01T00:00:09Z"}`)
			p.write(`{"bidder":3,"at":"2024-01-01T00:00:14Z"}`) // 4 s behind it the first window ends
			p.wait(1)
			if got, want := p.stdout.String(), `{"window_start":"2024-01-01T00:00:00Z","n":2}`+"\n"; got != want {
				t.Errorf("got %q first, want %q", got, want)
			}
			p.write(`{"bidder":4,"at":"2024-01-01T00:00:15Z"}`)
			if err := p.in.Close(); err != nil {
				t.Fatal(err)
			}
			if err := p.end(); err != nil {
				t.Fatal(err)
			}
			want := []string{`{"window_start":"2024-01-01T00:00:00Z","n":2}`, `{"window_start":"2024-01-01T00:00:10Z","n":2}`}
			if got := sorted(p.stdout.String()); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestAnInterruptEndsARunThatWaitsForItsInput(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	p := startPiped(ctx, t, "SELECT bidder FROM bids;", 1)
	p.write(`{"bidder":1}`)
	p.wait(1)
	interrupt()
	if err := p.end(); err != nil {
		t.Errorf("an interrupt is an error: %v", err)
	}
}

func TestAFailingJobEndsARunThatWaitsForItsInput(t *testing.T) {
	p := startPiped(t.Context(), t, "SELECT bidder FROM bids;", 1)
	p.write(`{"bidder":1}`)
	p.wait(1)
	p.write(`{"bidder":"x"}`)
	if err := p.end(); err == nil || !strings.Contains(err.Error(), `-:2:1: bids/0/1: a row cannot be processed: column "bidder"`) {
		t.Errorf("got %v", err)
	}
}
