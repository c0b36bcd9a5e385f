package savepoints_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/millrace/savepoints"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/savepoint/savepointtest"
	"github.com/millrace/millrace/runtime/snapshot/blobstore"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/types"
)

// folder is the URL of a folder with the savepoint of a job that has counted three words.
func folder(t *testing.T) (url string, m *savepoint.Manifest) {
	t.Helper()
	p, err := compile.Compile(spec.Job{
		Name: "job", File: "q.sql", MaxParallelism: 2, DefaultSink: "out",
		SQL: "SELECT word, window_start, window_end, COUNT(*), AVG(n) FROM TUMBLE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY word, window_start, window_end",
		Tables: []spec.Table{{
			Name: "words", Topic: "words", Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampMillis},
			Schema:    types.Schema{Columns: []types.Column{{Name: "word", Kind: types.String}, {Name: "n", Kind: types.BigInt}, {Name: "ts", Kind: types.Timestamp}}},
			EventTime: &spec.EventTime{Column: "ts", MaxOutOfOrderness: time.Second},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := savepointtest.Open(t, p, "words", memory.New())
	var rows [][]byte
	for i, word := range []string{"a", "b", "c", "a"} {
		rows = append(rows, fmt.Appendf(nil, `{"word":%q,"n":%d,"ts":%d}`, word, i, 1_700_000_040_000+i))
	}
	w.Feed(rows, false)
	url = "file://" + t.TempDir()
	store, err := blobstore.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	m = w.Save(store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return url, m
}

func run(t *testing.T, do func(ctx context.Context, o savepoints.Options) error, o savepoints.Options) (string, error) {
	t.Helper()
	var out bytes.Buffer
	o.Stdout, o.Stderr = &out, &out
	if o.Layout == "" {
		o.Layout = savepoints.Table
	}
	err := do(t.Context(), o)
	return out.String(), err
}

func TestTablesForPeople(t *testing.T) {
	url, m := folder(t)
	for name, c := range map[string]struct {
		do   func(ctx context.Context, o savepoints.Options) error
		o    savepoints.Options
		want []string
	}{
		"list":    {savepoints.List, savepoints.Options{}, []string{"ID", "sp-1", "local.default.job", "Manual", "2023-11-14T22:13:20Z", "complete"}},
		"inspect": {savepoints.Inspect, savepoints.Options{ID: "sp-1"}, []string{"state of epoch 1", m.PlanHash, "3 rows", "words", "avg_n_sum DECIMAL(38, 0)", "word STRING", "window_end TIMESTAMP"}},
		"files":   {savepoints.Inspect, savepoints.Options{ID: "sp-1", Files: true}, []string{"SHA256", ".parquet"}},
		"verify":  {savepoints.Verify, savepoints.Options{ID: "sp-1", Job: savepointtest.Job}, []string{"savepoint sp-1 is whole: 3 rows"}},
	} {
		c.o.URL = url
		got, err := run(t, c.do, c.o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", name, want, got)
			}
		}
	}
}

func TestJSONForPrograms(t *testing.T) {
	url, m := folder(t)
	for name, c := range map[string]struct {
		do   func(ctx context.Context, o savepoints.Options) error
		want string
	}{
		"list":    {savepoints.List, `"rows": 3`},
		"inspect": {savepoints.Inspect, `"planHash": "` + m.PlanHash},
		"verify":  {savepoints.Verify, `"errors": []`},
	} {
		got, err := run(t, c.do, savepoints.Options{URL: url, ID: "sp-1", Layout: savepoints.JSON})
		if err != nil || !json.Valid([]byte(got)) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: no %s in\n%s", name, c.want, got)
		}
	}
	var back savepoint.Manifest
	got, err := run(t, savepoints.Inspect, savepoints.Options{URL: url, ID: "sp-1", Layout: savepoints.JSON})
	if err == nil {
		err = json.Unmarshal([]byte(got), &back)
	}
	if err != nil || back.ID != m.ID || back.Totals != m.Totals {
		t.Errorf("%+v, %v", back, err)
	}
	if got, err := run(t, savepoints.Delete, savepoints.Options{URL: url, ID: "sp-1", Layout: savepoints.JSON}); err != nil || !strings.Contains(got, `"blobs"`) {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := run(t, savepoints.List, savepoints.Options{URL: url, Layout: savepoints.JSON}); err != nil || got != "[]\n" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := run(t, savepoints.List, savepoints.Options{URL: url}); err != nil || got != "no savepoints\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestMistakesAreSaidWithARemedy(t *testing.T) {
	url, m := folder(t)
	for name, c := range map[string]struct {
		do   func(ctx context.Context, o savepoints.Options) error
		o    savepoints.Options
		want string
	}{
		"no URL":           {savepoints.List, savepoints.Options{}, "--url"},
		"no folder":        {savepoints.List, savepoints.Options{URL: url + "/nowhere"}, "there is no folder"},
		"another scheme":   {savepoints.List, savepoints.Options{URL: "ftp://x"}, "scheme"},
		"another layout":   {savepoints.List, savepoints.Options{URL: url, Layout: "yaml"}, "table or json"},
		"no such":          {savepoints.Inspect, savepoints.Options{URL: url, ID: "sp-2"}, "savepoint list"},
		"no such of it":    {savepoints.Verify, savepoints.Options{URL: url, ID: "sp-2", Job: m.Job}, "savepoint list"},
		"no such to go":    {savepoints.Delete, savepoints.Options{URL: url, ID: "sp-2", Job: m.Job}, "savepoint list"},
		"an id that isn't": {savepoints.Delete, savepoints.Options{URL: url, ID: "../x", Job: m.Job}, "no id of a savepoint"},
	} {
		if _, err := run(t, c.do, c.o); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	store, err := blobstore.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	other := *m
	other.Job = "local.default.other"
	if _, err := savepoint.WriteManifest(t.Context(), store, &other); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, savepoints.Inspect, savepoints.Options{URL: url, ID: "sp-1"}); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "--job") {
		t.Errorf("two jobs: %v", err)
	}
}

func TestDamageIsNamed(t *testing.T) {
	url, m := folder(t)
	dir := strings.TrimPrefix(url, "file://")
	at := filepath.Join(dir, savepointtest.Job, "savepoints", m.ID)
	file := m.Operators[0].Partitions[0].Files
	if len(file) == 0 {
		file = m.Operators[0].Partitions[1].Files
	}
	flip(t, filepath.Join(at, filepath.FromSlash(file[0].Name)))
	got, err := run(t, savepoints.Verify, savepoints.Options{URL: url, ID: m.ID, Layout: savepoints.JSON})
	if fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), file[0].Name) || !strings.Contains(got, file[0].Name) || !json.Valid([]byte(got)) {
		t.Errorf("%v\n%s", err, got)
	}
	flip(t, filepath.Join(at, "manifest.json"))
	got, err = run(t, savepoints.List, savepoints.Options{URL: url})
	if err != nil || !strings.Contains(got, "damaged: ") {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := run(t, savepoints.Inspect, savepoints.Options{URL: url, ID: m.ID}); fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), "manifest.json") {
		t.Errorf("%v", err)
	}
	if _, err := run(t, savepoints.Delete, savepoints.Options{URL: url, ID: m.ID}); fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), "--job") {
		t.Errorf("%v", err)
	}
	if got, err := run(t, savepoints.Delete, savepoints.Options{URL: url, ID: m.ID, Job: m.Job}); err != nil || !strings.Contains(got, "deleted") {
		t.Errorf("%v\n%s", err, got)
	}
}

// flip turns a bit in the middle of a file.
func flip(t *testing.T, name string) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 4
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
