package savepoint_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state/memory"
)

// saved is a savepoint of a job that has read some rows.
func saved(t *testing.T, p *physical.Plan) (*snapshottest.Blobs, *savepoint.Manifest) {
	t.Helper()
	w := open(t, p, memory.New())
	w.Feed(rows(3, 200), false)
	blobs := snapshottest.New()
	return blobs, w.Save(blobs)
}

// importAll reads the whole state back into nothing.
func importAll(t *testing.T, blobs snapshot.Blobs, m *savepoint.Manifest, p *physical.Plan) error {
	t.Helper()
	for i, s := range p.Stages {
		for partition := range p.MaxParallelism {
			if !s.Stateful {
				continue
			}
			codecs, err := build.StateCodecs(p, i)
			if err != nil {
				t.Fatal(err)
			}
			in, err := savepoint.NewImport(savepoint.ImportConfig{
				Blobs: blobs, Files: parquet.Files{}, Manifest: m, Plan: p, Codecs: codecs, Partition: int32(partition), Partitions: p.MaxParallelism,
			})
			if err != nil {
				return err
			}
			if _, err := in.Next(t.Context(), 1<<30, func([]byte, []byte) error { return nil }); err != nil {
				return err
			}
		}
	}
	return nil
}

// Whatever bit of whatever blob is another, it is found, and the error names the blob.
func TestAFlippedBitIsFound(t *testing.T) {
	p := plan(t, queries()["hop by an integer"], 2)
	blobs, m := saved(t, p)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, name := range blobs.Names() {
		content, err := blobs.Get(t.Context(), name, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			bit := rng.IntN(8 * len(content))
			blobs.Flip(name, bit)
			var errs []error
			switch {
			case strings.HasSuffix(name, "/manifest.json"):
				_, err := savepoint.ReadManifest(t.Context(), blobs, job, m.ID)
				errs = []error{err}
			case strings.Contains(name, "/parts/"):
				errs = []error{readParts(t.Context(), blobs, content, name)}
			default:
				errs = []error{savepoint.Verify(t.Context(), blobs, parquet.Files{}, m, nil), importAll(t, blobs, m, p)}
			}
			for _, err := range errs {
				if err == nil || !strings.Contains(err.Error(), name) || fault.KindOf(err) != fault.Corrupt && fault.KindOf(err) != fault.User {
					t.Fatalf("bit %d of %s: %v", bit, name, err)
				}
			}
			blobs.Flip(name, bit)
		}
	}
	if err := errors.Join(savepoint.Verify(t.Context(), blobs, parquet.Files{}, m, nil), importAll(t, blobs, m, p)); err != nil {
		t.Error(err)
	}
}

// readParts reads a part by what its name says and the digest of what it was.
func readParts(ctx context.Context, blobs snapshot.Blobs, whole []byte, name string) error {
	fields := strings.Split(name, "/")
	partition, attempt, _ := strings.Cut(strings.TrimSuffix(fields[len(fields)-1], ".json"), "-")
	h := savepoint.Header{Job: job, ID: "sp-1", Stage: fields[len(fields)-2], Partition: int32(partition[0] - '0'), Attempt: attempt}
	_, err := savepoint.ReadPart(ctx, blobs, h, digest(whole))
	return err
}

// A file that is gone, short, or of other rows than the manifest says is named.
func TestWhatIsMissingIsNamed(t *testing.T) {
	p := plan(t, queries()["tumble by a string"], 2)
	blobs, m := saved(t, p)
	f := &m.Operators[0].Partitions[1].Files[0]
	was := *f
	f.Rows++
	if err := savepoint.Verify(t.Context(), blobs, parquet.Files{}, m, nil); err == nil || !strings.Contains(err.Error(), f.Name) || !strings.Contains(err.Error(), "rows") {
		t.Errorf("another number of rows: %v", err)
	}
	*f = was
	name := "local.default.job/savepoints/sp-1/" + f.Name
	content, err := blobs.Get(t.Context(), name, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if err := blobs.Put(t.Context(), name, content[:len(content)-1]); err != nil {
		t.Fatal(err)
	}
	if err := savepoint.Verify(t.Context(), blobs, parquet.Files{}, m, nil); err == nil || !strings.Contains(err.Error(), name) || fault.KindOf(err) != fault.Corrupt {
		t.Errorf("a short file: %v", err)
	}
	if err := blobs.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if err := savepoint.Verify(t.Context(), blobs, parquet.Files{}, m, nil); err == nil || !strings.Contains(err.Error(), name) || fault.KindOf(err) != fault.Corrupt {
		t.Errorf("a file that is gone: %v", err)
	}
}

// An error of the store, at any of its operations, leaves no savepoint, and the next try makes one.
func TestAStoreThatFailsLeavesNoHalf(t *testing.T) {
	p := plan(t, queries()["session by an integer"], 2)
	down := errors.New("the store is away")
	for failing := 0; ; failing++ {
		blobs := snapshottest.New()
		n := 0
		blobs.Before = func(snapshottest.Op, string) error {
			if n++; n > failing {
				return down
			}
			return nil
		}
		w := open(t, p, memory.New())
		w.Feed(rows(3, 60), false)
		w.Stop()
		_, err := w.Write(blobs)
		blobs.Before = nil
		list, e := savepoint.List(t.Context(), blobs, job)
		if e != nil {
			t.Fatal(e)
		}
		if err == nil {
			if len(list) != 1 || failing < 5 {
				t.Errorf("%d savepoints after %d operations", len(list), failing)
			}
			return
		}
		if !errors.Is(err, down) || len(list) > 1 || len(list) == 1 && savepoint.Verify(t.Context(), blobs, parquet.Files{}, list[0].Manifest, nil) != nil {
			t.Fatalf("after %d operations: %v, %+v", failing, err, list)
		}
		if m, err := w.Write(blobs); err != nil || savepoint.Verify(t.Context(), blobs, parquet.Files{}, m, nil) != nil {
			t.Fatalf("again after %d operations: %v", failing, err)
		}
	}
}

func TestSavepointsAreListed(t *testing.T) {
	p := plan(t, queries()["tumble by a string"], 2)
	blobs, m := saved(t, p)
	second := *m
	second.ID, second.TakenAt = "sp-0", m.TakenAt.Add(time.Second)
	other := *m
	other.Job = "local.default/jo"
	for _, x := range []*savepoint.Manifest{&second, &other} {
		if _, err := savepoint.WriteManifest(t.Context(), blobs, x); err != nil {
			t.Fatal(err)
		}
	}
	if err := blobs.Put(t.Context(), "local.default.job/savepoints/sp-7/manifest.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	ids := func(job string) string {
		list, err := savepoint.List(t.Context(), blobs, job)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, e := range list {
			b.WriteString(e.Job + " " + e.ID)
			if e.Err != nil {
				b.WriteString(" damaged")
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	const ours = "local.default.job sp-0\nlocal.default.job sp-1\nlocal.default.job sp-7 damaged\n"
	if got := ids(job); got != ours {
		t.Errorf("got\n%swant\n%s", got, ours)
	}
	if got := ids(""); !strings.Contains(got, "local.default/jo sp-1\n") || strings.Count(got, "\n") != 4 {
		t.Errorf("got\n%s", got)
	}
}

// The manifest goes first: what a deletion has left, that was cut off there, is no savepoint, and goes with the next.
func TestSavepointsAreDeleted(t *testing.T) {
	blobs, m := saved(t, plan(t, queries()["tumble by a string"], 2))
	other := *m
	other.Job = "local.default.job2"
	if _, err := savepoint.WriteManifest(t.Context(), blobs, &other); err != nil {
		t.Fatal(err)
	}
	down := errors.New("the store is away")
	deletions := 0
	blobs.Before = func(op snapshottest.Op, name string) error {
		if op == snapshottest.Delete {
			if deletions++; deletions == 1 && !strings.HasSuffix(name, "manifest.json") {
				t.Errorf("%s is deleted first", name)
			} else if deletions == 3 {
				return down
			}
		}
		return nil
	}
	if _, err := savepoint.Delete(t.Context(), blobs, job, m.ID); !errors.Is(err, down) {
		t.Errorf("got %v", err)
	}
	if _, err := savepoint.ReadManifest(t.Context(), blobs, job, m.ID); !errors.Is(err, fs.ErrNotExist) || fault.KindOf(err) != fault.User {
		t.Errorf("got %v", err)
	}
	if n, err := savepoint.Delete(t.Context(), blobs, job, m.ID); err != nil || n == 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := savepoint.Delete(t.Context(), blobs, job, m.ID); !errors.Is(err, fs.ErrNotExist) || fault.KindOf(err) != fault.User {
		t.Errorf("got %v", err)
	}
	if left := blobs.Names(); len(left) != 1 || left[0] != "local.default.job2/savepoints/sp-1/manifest.json" {
		t.Errorf("left are %q", left)
	}
}

// The first manifest stays: who comes second, with the same facts, gets that one.
func TestTheFirstManifestStays(t *testing.T) {
	blobs, m := saved(t, plan(t, queries()["tumble by a string"], 2))
	late := *m
	late.TakenAt = m.TakenAt.Add(time.Hour)
	got, err := savepoint.WriteManifest(t.Context(), blobs, &late)
	if err != nil || !got.TakenAt.Equal(m.TakenAt) {
		t.Errorf("%v, %v", got.TakenAt, err)
	}
}

func TestManifestsAreOfAllTasks(t *testing.T) {
	p := plan(t, queries()["tumble by a string"], 2)
	stage := p.Stages[1].Name
	part := func(partition int32, change func(*savepoint.Part)) savepoint.Part {
		x := savepoint.Part{Header: savepoint.Header{Job: job, ID: "sp-1", Stage: stage, Partition: partition}, Operators: []savepoint.OperatorPart{{ID: stage}}}
		change(&x)
		return x
	}
	same := func(*savepoint.Part) {}
	for name, c := range map[string]struct {
		parts []savepoint.Part
		want  string
	}{
		"all":                   {[]savepoint.Part{part(1, same), part(0, same)}, ""},
		"one is missing":        {[]savepoint.Part{part(0, same)}, "no part of task " + stage + "/1"},
		"one is there twice":    {[]savepoint.Part{part(0, same), part(0, same)}, "does not belong"},
		"one is of another":     {[]savepoint.Part{part(0, same), part(1, func(p *savepoint.Part) { p.ID = "sp-2" })}, "does not belong"},
		"one is of too many":    {[]savepoint.Part{part(0, same), part(2, same)}, "does not belong"},
		"one has less state":    {[]savepoint.Part{part(0, same), part(1, func(p *savepoint.Part) { p.Operators = nil })}, "other state"},
		"one has more state":    {[]savepoint.Part{part(0, func(p *savepoint.Part) { p.Operators = nil }), part(1, same)}, "other state"},
		"one has other columns": {[]savepoint.Part{part(0, same), part(1, func(p *savepoint.Part) { p.Operators[0].Columns = []savepoint.Column{{Name: "x"}} })}, "other state"},
	} {
		_, err := savepoint.NewManifest(savepoint.Base{Job: job, ID: "sp-1", Plan: p}, c.parts)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Bug) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIDsSortByTime(t *testing.T) {
	at := time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC)
	a, b := savepoint.NewID(at, [3]byte{255, 0, 1}), savepoint.NewID(at.Add(time.Second), [3]byte{})
	if a != "sp-20261128T070000Z-ff0001" || b <= a || savepoint.CheckID(a) != nil {
		t.Errorf("%s %s", a, b)
	}
	for _, id := range []string{"", "a/b", "..", "-x", strings.Repeat("x", 200), "a b"} {
		if fault.KindOf(savepoint.CheckID(id)) != fault.User {
			t.Errorf("%q passes", id)
		}
	}
}
