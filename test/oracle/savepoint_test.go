//go:build oracle

package oracle

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/savepoint/savepointtest"
	"github.com/millrace/millrace/runtime/snapshot/blobstore"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/types"
)

// savedFiles runs a query over rows, none of whose windows fires, saves it, and returns the files of its state.
func savedFiles(t *testing.T, sql string, rows [][]byte) []string {
	t.Helper()
	p, err := compile.Compile(spec.Job{
		Name: "job", SQL: sql, File: "q.sql", MaxParallelism: 3, DefaultSink: "out",
		Tables: []spec.Table{{
			Name: "rows", Topic: "rows", Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampMillis},
			Schema: types.Schema{Columns: []types.Column{
				{Name: "name", Kind: types.String},
				{Name: "n", Kind: types.BigInt},
				{Name: "x", Kind: types.Double},
				{Name: "b", Kind: types.Boolean},
				{Name: "ts", Kind: types.Timestamp},
			}},
			EventTime: &spec.EventTime{Column: "ts", MaxOutOfOrderness: 24 * time.Hour},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := savepointtest.Open(t, p, "rows", memory.New())
	w.Feed(rows, false)
	dir := t.TempDir()
	store, err := blobstore.Open(t.Context(), "file://"+dir)
	if err != nil {
		t.Fatal(err)
	}
	m := w.Save(store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, part := range m.Operators[0].Partitions {
		for _, f := range part.Files {
			files = append(files, filepath.Join(dir, savepointtest.Job, "savepoints", m.ID, filepath.FromSlash(f.Name)))
		}
	}
	return files
}

// A savepoint of windows opens in DuckDB and in pyarrow: the windows of each key are there, with their counts, sums beyond 64 bits,
// extremes and NULLs, as DuckDB computes them of the same rows.
func TestASavepointOpensInDuckDBAndArrow(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var rows [][]byte
	for i := range 2000 {
		name, n := "null", "9223372036854775807"
		if k := rng.IntN(30); k > 0 {
			name = fmt.Sprintf("\"key é %d\"", k)
		}
		if rng.IntN(3) > 0 {
			n = []string{"null", "-9223372036854775808", "17"}[rng.IntN(3)]
		}
		rows = append(rows, fmt.Appendf(nil, `{"name":%s,"n":%s,"x":%g,"b":%t,"ts":%d}`, name, n, float64(rng.IntN(9))/4, i%3 == 0, 1_700_000_000_000+i*100))
	}
	files := savedFiles(t, `SELECT name, window_start, window_end, COUNT(*), SUM(n), AVG(n) FILTER (WHERE b), AVG(x), MIN(x), MAX(name), MAX(b)
		FROM TUMBLE(TABLE rows, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY name, window_start, window_end`, rows)
	in := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(in, slices.Concat(lines(rows)...), 0o600); err != nil {
		t.Fatal(err)
	}
	want := `SELECT time_bucket(INTERVAL 10 SECOND, moment) AS window_start, time_bucket(INTERVAL 10 SECOND, moment) + INTERVAL 10 SECOND AS window_end, name,
		count(*)::BIGINT AS count, sum(n)::DECIMAL(38, 0) AS sum_n, count(n) FILTER (WHERE b)::BIGINT AS of_b, (sum(n) FILTER (WHERE b))::DECIMAL(38, 0) AS sum_b,
		count(x)::BIGINT AS count_x, sum(x) AS sum_x, min(x) AS min_x, max(name) AS max_name, max(b) AS max_b
		FROM (SELECT *, make_timestamp(ts * 1000) AS moment FROM read_json('` + in + `', columns = {name: 'VARCHAR', n: 'BIGINT', x: 'DOUBLE', b: 'BOOLEAN', ts: 'BIGINT'}))
		GROUP BY ALL`
	got := `SELECT window_start AT TIME ZONE 'UTC', window_end AT TIME ZONE 'UTC', name, count, sum_n, COLUMNS('avg_n_.*_count'), COLUMNS('avg_n_.*_sum'),
		avg_x_count, avg_x_sum, min_x, max_name, max_b FROM read_parquet(['` + strings.Join(files, "', '") + `'])`
	if n := query(t, "SELECT count(*) FROM ("+want+")"); n[0] == "[0]" {
		t.Fatal("the oracle finds nothing")
	}
	same(t, got, want)

	head, rest, _ := strings.Cut(run(t, "ORACLE_PYTHON", append([]string{"arrow.py"}, files...)...), "\n")
	var kinds map[string]string
	if err := json.Unmarshal([]byte(head), &kinds); err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]string{
		"window_start": "timestamp[us, tz=UTC]", "window_end": "timestamp[us, tz=UTC]", "name": "string", "count": "int64", "sum_n": "decimal128(38, 0)",
		"avg_x_sum": "double", "max_b": "bool",
	} {
		if kinds[name] != kind {
			t.Errorf("to pyarrow %s is %s, want %s", name, kinds[name], kind)
		}
	}
	fromArrow := filepath.Join(t.TempDir(), "arrow.jsonl")
	if err := os.WriteFile(fromArrow, []byte(rest), 0o600); err != nil {
		t.Fatal(err)
	}
	same(t, `SELECT window_start::TIMESTAMPTZ, window_end::TIMESTAMPTZ, name, count, sum_n::DECIMAL(38, 0), avg_x_sum, max_b FROM read_json('`+fromArrow+`',
		columns = {window_start: 'VARCHAR', window_end: 'VARCHAR', name: 'VARCHAR', count: 'BIGINT', sum_n: 'VARCHAR', avg_x_sum: 'DOUBLE', max_b: 'BOOLEAN'})`,
		"SELECT window_start, window_end, name, count, sum_n, avg_x_sum, max_b FROM read_parquet(['"+strings.Join(files, "', '")+"'])")
}

// Sessions, and windows that share slices, open as well: what a window would give is a sum over its slices.
func TestSlicesAndSessionsOpenInDuckDB(t *testing.T) {
	var rows [][]byte
	for i := range 600 {
		rows = append(rows, fmt.Appendf(nil, `{"name":"k%d","n":%d,"x":0.5,"b":true,"ts":%d}`, i%4, i, 1_700_000_000_000+i*500))
	}
	hop := savedFiles(t, `SELECT name, window_start, window_end, COUNT(*) FROM HOP(TABLE rows, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)
		GROUP BY name, window_start, window_end`, rows)
	const at = "TIMESTAMP '2023-11-14 22:14:00'"
	same(t, `SELECT name, sum(count)::BIGINT FROM read_parquet(['`+strings.Join(hop, "', '")+`'])
		WHERE first_window_end AT TIME ZONE 'UTC' <= `+at+` AND last_window_end AT TIME ZONE 'UTC' >= `+at+` AND emitted_until IS NULL GROUP BY name`,
		`SELECT 'k' || (i % 4), count(*)::BIGINT FROM range(600) r(i)
		WHERE make_timestamp((1700000000000 + i * 500) * 1000) >= `+at+` - INTERVAL 10 SECOND AND make_timestamp((1700000000000 + i * 500) * 1000) < `+at+` GROUP BY ALL`)
	sessions := savedFiles(t, `SELECT name, window_start, window_end, COUNT(*), MAX(n) FROM SESSION(TABLE rows PARTITION BY name, DESCRIPTOR(ts), INTERVAL '5' SECOND)
		GROUP BY name, window_start, window_end`, rows)
	same(t, `SELECT name, window_start AT TIME ZONE 'UTC', window_end AT TIME ZONE 'UTC', count, max_n FROM read_parquet(['`+strings.Join(sessions, "', '")+`'])`,
		`SELECT 'k' || (i % 4), make_timestamp(min(1700000000000 + i * 500) * 1000), make_timestamp(max(1700000000000 + i * 500) * 1000) + INTERVAL 5 SECOND, count(*)::BIGINT, max(i)::BIGINT
		FROM range(600) r(i) GROUP BY i % 4`)
}

// lines puts a line break behind each.
func lines(rows [][]byte) [][]byte {
	out := make([][]byte, len(rows))
	for i, r := range rows {
		out[i] = append(slices.Clone(r), '\n')
	}
	return out
}
