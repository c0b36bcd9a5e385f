package savepoint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/savepoint"
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
				if err := savepoint.Verify(t.Context(), blobs, m, nil); err != nil {
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
