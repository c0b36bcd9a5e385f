package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/bench/measure"
)

func run(perCPU float64, rss int64) Run {
	return Run{Outcome: measure.Outcome{EventsPerCPUSecond: perCPU, PeakRSSBytes: rss, OutputDigest: "d"}}
}

func TestFiguresAreMedians(t *testing.T) {
	r := Put(Result{Query: "q0"}, []Run{run(300, 3), run(100, 1), run(200, 2), {Fault: "it fell"}})
	if r.Runs != 3 || r.EventsPerCPUSecond != 200 || r.PeakRSSBytes != 2 || r.LowestPerCPUSecond != 100 || r.HighestPerCPUSecond != 300 || r.Fault != "it fell" {
		t.Errorf("%+v", r)
	}
	if r := Put(Result{}, []Run{run(300, 3), run(100, 1)}); r.EventsPerCPUSecond != 200 {
		t.Errorf("of two: %+v", r)
	}
	if r := Put(Result{}, []Run{{Fault: "it fell"}}); r.Runs != 0 || r.Fault == "" {
		t.Errorf("of none: %+v", r)
	}
}

func TestTheShortTableComparesWithTheBestOther(t *testing.T) {
	r := &Report{Titles: map[string]string{"millrace": "Millrace", "q0": "pass-through"}, Results: []Result{
		Put(Result{Query: "q0", Engine: "millrace"}, []Run{run(1_500_000, 100<<20)}),
		Put(Result{Query: "q0", Engine: "a"}, []Run{run(100_000, 900<<20)}),
		Put(Result{Query: "q0", Engine: "b"}, []Run{run(200_000, 1000<<20)}),
		Put(Result{Query: "q1", Engine: "millrace"}, []Run{run(1_000_000, 100<<20)}),
		Put(Result{Query: "q1", Engine: "a"}, []Run{{Fault: "WRONG | ANSWER\nand more"}}),
	}}
	short := r.Short()
	for _, want := range []string{
		"| q0, pass-through | 1.50 M, 100 MiB | 100 k, 900 MiB | 200 k, 1000 MiB | 7.5 × the events, 1/10.0 of the memory |",
		"| q1,  | 1.00 M, 100 MiB | – | – | – |",
	} {
		if !strings.Contains(short, want) {
			t.Errorf("there is no line %s in\n%s", want, short)
		}
	}
	if long := r.Markdown(); !strings.Contains(long, "- a on q1: WRONG / ANSWER\n") {
		t.Errorf("the fault is not named in\n%s", long)
	}
}

func TestWhatOneCommandWroteStaysWhenAnotherWrites(t *testing.T) {
	folder := t.TempDir()
	readme := filepath.Join(folder, "README.md")
	if err := os.WriteFile(readme, []byte("before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	r.Grow(Growth{Name: "keys", Title: "keys", Points: []Point{{Query: "q12", Step: 1000, EventsPerCPUSecond: 2e6}, {Query: "q12", Step: 10_000_000, EventsPerCPUSecond: 1e6}}})
	if err := r.Write(folder, ""); err != nil {
		t.Fatal(err)
	}
	if r, err = Read(folder); err != nil {
		t.Fatal(err)
	}
	r.Latency = []Latency{{Query: "q1", Engine: "millrace", P50: 10, P99: 20}}
	r.Results = []Result{Put(Result{Query: "q0", Engine: "millrace"}, []Run{run(1_500_000, 100<<20)})}
	if err := r.Write(folder, readme); err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{
		"RESULTS.md":            {"| 10 M | 1.00 M, 0 MiB |", "| 10 ms | 20 ms |", "| q0 | millrace | 1.50 M |"},
		"charts/scale-keys.svg": {"10 M", "q12"},
		"charts/cpu.svg":        {"1.50 M"},
		"README.md":             {"before", "after", "1.50 M, 100 MiB"},
	} {
		text, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s has no %q:\n%s", path, want, text)
			}
		}
	}
	if text, err := os.ReadFile(readme); err != nil || strings.Contains(string(text), "old") {
		t.Errorf("the old table is still there: %v", err)
	}
}

func TestAReadmeWithoutAPlaceIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceBetween(path, "<a>", "</a>", "text"); err == nil {
		t.Error("it was written")
	}
}
