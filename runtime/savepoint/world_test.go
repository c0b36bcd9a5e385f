package savepoint_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/savepoint/savepointtest"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/types"
)

const job = savepointtest.Job

// plan compiles statements over a table of all types.
func plan(t *testing.T, sql string, maxParallelism int) *physical.Plan {
	t.Helper()
	return planOver(t, sql, maxParallelism, "", types.Invalid)
}

// planOver is plan with another type for one of the columns.
func planOver(t *testing.T, sql string, maxParallelism int, column string, kind types.Kind) *physical.Plan {
	t.Helper()
	columns := []types.Column{
		{Name: "k", Kind: types.BigInt},
		{Name: "name", Kind: types.String},
		{Name: "n", Kind: types.BigInt},
		{Name: "i", Kind: types.Int},
		{Name: "x", Kind: types.Double},
		{Name: "b", Kind: types.Boolean},
		{Name: "ts", Kind: types.Timestamp},
	}
	for i := range columns {
		if columns[i].Name == column {
			columns[i].Kind = kind
		}
	}
	p, err := compile.Compile(spec.Job{
		Name: "job", SQL: sql, File: "q.sql", MaxParallelism: maxParallelism, DefaultSink: "out",
		Tables: []spec.Table{{
			Name: "rows", Topic: "rows", Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampMillis},
			Schema:    types.Schema{Columns: columns},
			EventTime: &spec.EventTime{Column: "ts", MaxOutOfOrderness: 5 * time.Second},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rows are random records, a quarter of a second apart, each at most 4 seconds out of order, with NULL among the values.
func rows(seed uint64, n int) [][]byte {
	rng := rand.New(rand.NewPCG(seed, 6))
	null := func(text string) string {
		if rng.IntN(12) == 0 {
			return "null"
		}
		return text
	}
	list := make([][]byte, n)
	for i := range list {
		n := strconv.Itoa(rng.IntN(1000) - 500)
		if rng.IntN(20) == 0 {
			n = "9223372036854775807"
		}
		list[i] = fmt.Appendf(nil, `{"k":%s,"name":%s,"n":%s,"i":%s,"x":%s,"b":%s,"ts":%d}`,
			null(strconv.Itoa(rng.IntN(40))), null(fmt.Sprintf("%q", "name-"+strings.Repeat("x", rng.IntN(20)))), null(n), null(strconv.Itoa(rng.IntN(9))),
			null(fmt.Sprint(float64(rng.IntN(64))/4)), null(strconv.FormatBool(rng.IntN(2) == 0)), 1_700_000_000_000+i*250-rng.IntN(4000))
	}
	return list
}

// open makes the tasks of a plan; their savepoints have files of some kilobytes.
func open(t *testing.T, p *physical.Plan, backend *memory.Backend) *savepointtest.World {
	t.Helper()
	w := savepointtest.Open(t, p, "rows", backend)
	w.WriteTask = savepoint.WriteSmall
	return w
}

// digest is what a task commits of a part.
func digest(part []byte) string {
	sum := sha256.Sum256(part)
	return hex.EncodeToString(sum[:])
}

// restore fills a backend for the tasks of a plan, in steps of a few bytes.
func restore(t *testing.T, blobs snapshot.Blobs, m *savepoint.Manifest, p *physical.Plan, drop bool) *memory.Backend {
	t.Helper()
	backend := memory.New()
	for i, s := range p.Stages {
		if !s.Stateful {
			continue
		}
		for partition := range p.MaxParallelism {
			codecs, err := build.StateCodecs(p, i)
			if err != nil {
				t.Fatal(err)
			}
			fill(t, backend, fmt.Sprintf("%s/%d", s.Name, partition), savepoint.ImportConfig{
				Blobs: blobs, Files: parquet.Files{}, Manifest: m, Plan: p, Codecs: codecs, Partition: int32(partition), Partitions: p.MaxParallelism, DropRemoved: drop,
			})
		}
	}
	return backend
}

func fill(t *testing.T, backend *memory.Backend, name string, c savepoint.ImportConfig) {
	t.Helper()
	in, err := savepoint.NewImport(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := backend.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	view := state.NewView(s, nil)
	seen := map[string]bool{}
	for done := false; !done; {
		n := 0
		done, err = in.Next(t.Context(), 500, func(key, value []byte) error {
			if seen[string(key)] {
				t.Errorf("%s: %x is put twice", name, key)
			}
			seen[string(key)] = true
			n += len(key) + len(value)
			return view.Put(key, value)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := view.Seal(); err != nil {
			t.Fatal(err)
		}
		if err := view.Commit(state.Position{}); err != nil {
			t.Fatal(err)
		}
	}
	if read, total := in.Progress(); read != total {
		t.Errorf("%s: %d of %d rows were read", name, read, total)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

var _ operator.Put = (*state.View)(nil).Put
