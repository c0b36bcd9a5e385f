package savepoint_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state/memory"
)

const (
	tumble   = `TUMBLE(TABLE rows, DESCRIPTOR(ts), INTERVAL '10' SECOND)`
	hop      = `HOP(TABLE rows, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)`
	cumulate = `CUMULATE(TABLE rows, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '12' SECOND)`
)

// all are all functions.
const all = `COUNT(*), COUNT(name), SUM(i), SUM(x), AVG(n), AVG(x) FILTER (WHERE b), MIN(n), MAX(n), MIN(x), MAX(name), MIN(name), MAX(b), MIN(ts)`

func query(keys, functions, window string) string {
	return "SELECT " + keys + "window_start, window_end, " + functions + " FROM " + window + " GROUP BY " + keys + "window_start, window_end"
}

func sessions(keys string) string {
	return "SESSION(TABLE rows PARTITION BY (" + keys + "), DESCRIPTOR(ts), INTERVAL '3' SECOND)"
}

func queries() map[string]string {
	return map[string]string{
		"tumble by an integer":     query("k, ", all, tumble),
		"tumble by a string":       query("name, ", all, tumble),
		"tumble by two columns":    query("k, name, ", all, tumble),
		"tumble by nothing":        query("", all, tumble),
		"tumble by a computed key": query("UPPER(name), ", all, tumble),
		"tumble by a double":       query("x, ", all, tumble),
		"hop by an integer":        query("k, ", all, hop),
		"hop by a string":          query("name, ", "COUNT(*), AVG(n)", hop),
		"cumulate by an integer":   query("k, ", all, cumulate),
		"cumulate by nothing":      query("", "COUNT(*), MAX(name)", cumulate),
		"session by an integer":    query("k, ", all, sessions("k")),
		"session by two columns":   query("name, b, ", all, sessions("name, b")),
	}
}

// Whatever the query, the parallelism and the moment: a job that goes on from a savepoint ends as one that was never stopped.
func TestAJobGoesOnFromASavepoint(t *testing.T) {
	for name, sql := range queries() {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(6) {
				const n = 300
				in := rows(seed, n)
				before, after := 1+int(seed)%4, 1+int(seed*5)%7
				whole := open(t, plan(t, sql, before), memory.New())
				whole.Feed(in, true)
				cut := int(40+seed*37) % n
				first := open(t, plan(t, sql, before), memory.New())
				first.Feed(in[:cut], false)
				blobs := snapshottest.New()
				got := first.Output()
				m := first.Save(blobs)
				if err := savepoint.Verify(t.Context(), blobs, parquet.Files{}, m, nil); err != nil {
					t.Fatal(err)
				}
				next := plan(t, sql, after)
				second := open(t, next, restore(t, blobs, m, next, false))
				second.Feed(in[cut:], true)
				got = append(got, second.Output()...)
				slices.Sort(got)
				if want := whole.Output(); !slices.Equal(got, want) || len(want) < 4 {
					t.Fatalf("seed %d, cut at %d, %d to %d: %s", seed, cut, before, after, difference(got, want))
				}
			}
		})
	}
}

// difference says what one list has and the other has not.
func difference(got, want []string) string {
	var b strings.Builder
	for _, x := range got {
		if !slices.Contains(want, x) {
			fmt.Fprintf(&b, "\n+ %s", x)
		}
	}
	for _, x := range want {
		if !slices.Contains(got, x) {
			fmt.Fprintf(&b, "\n- %s", x)
		}
	}
	return fmt.Sprintf("%d rows, want %d%.3000s", len(got), len(want), b.String())
}

// An import that was cut off begins anew over what it has left, and comes to the same.
func TestAnImportBeginsAnewOverWhatItLeft(t *testing.T) {
	for name, sql := range queries() {
		t.Run(name, func(t *testing.T) {
			blobs, m := saved(t, plan(t, sql, 2))
			p := plan(t, sql, 3)
			codecs, err := build.StateCodecs(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			c := savepoint.ImportConfig{Blobs: blobs, Files: parquet.Files{}, Manifest: m, Plan: p, Codecs: codecs, Partitions: 3}
			whole := map[string]string{}
			into := func(records map[string]string) operator.Put {
				return func(key, value []byte) error {
					records[string(key)] = string(value)
					return nil
				}
			}
			for cut := range 4 {
				again := map[string]string{}
				for try := range 2 {
					in, err := savepoint.NewImport(c)
					if err != nil {
						t.Fatal(err)
					}
					for step, done := 0, false; !done && (try == 1 || step < cut); step++ {
						if done, err = in.Next(t.Context(), 400, into(again)); err != nil {
							t.Fatal(err)
						}
					}
				}
				if cut == 0 {
					whole = again
				} else if !maps.Equal(again, whole) {
					t.Errorf("cut off after %d steps: %d records, want %d", cut, len(again), len(whole))
				}
			}
		})
	}
}

// An import of a context that has ended stops, and so does a task that writes.
func TestWhoIsToldToStopStops(t *testing.T) {
	sql := queries()["tumble by an integer"]
	p := plan(t, sql, 1)
	blobs, m := saved(t, p)
	codecs, err := build.StateCodecs(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	in, err := savepoint.NewImport(savepoint.ImportConfig{Blobs: blobs, Files: parquet.Files{}, Manifest: m, Plan: p, Codecs: codecs, Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := in.Next(ctx, 1, func([]byte, []byte) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	h := savepoint.Header{Job: job, ID: "sp-2", Stage: p.Stages[1].Name, Attempt: "1"}
	if _, _, err := savepoint.WriteTask(ctx, blobs, parquet.Files{}, h, nil, codecs); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
