package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/test/flow"
)

// TestConformance runs the files in testdata. Their commands are:
//
//	tables            declares tables, and views, for the queries that follow; it replaces those before
//	rows topic=t [partition=p]     appends records, one a line, to a topic for the queries that follow
//	clear             forgets all records
//	run [bad=skip]    runs a query and prints the rows that it writes, sorted, because rows of different keys have no
//	                  order; several topics are told apart by a heading; late and bad rows are counted below
func TestConformance(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		t.Helper()
		f := &file{t: t, partitions: map[string]int{}}
		datadriven.RunTest(t, path, f.command)
	})
}

// file is the state of one file: what its commands have declared so far.
type file struct {
	t          *testing.T
	tables     string
	inputs     []flow.Input
	partitions map[string]int
}

func (f *file) command(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	switch d.Cmd {
	case "tables":
		f.tables = strings.TrimRight(strings.TrimSpace(d.Input), ";") + ";\n"
		return ""
	case "clear":
		f.inputs, f.partitions = nil, map[string]int{}
		return ""
	case "rows":
		f.rows(t, d)
		return ""
	case "run":
		return f.run(t, d)
	default:
		d.Fatalf(t, "unknown command %s", d.Cmd)
		return ""
	}
}

func (f *file) rows(t *testing.T, d *datadriven.TestData) {
	t.Helper()
	var topic string
	partition := 0
	d.ScanArgs(t, "topic", &topic)
	d.MaybeScanArgs(t, "partition", &partition)
	for line := range strings.Lines(d.Input) {
		f.inputs = append(f.inputs, flow.Input{Topic: topic, Partition: int32(partition), Value: []byte(strings.TrimSpace(line))})
	}
	f.partitions[topic] = max(f.partitions[topic], partition+1)
}

// run compiles the query and runs it all ways.
func (f *file) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	job := spec.Job{Name: "test", SQL: f.tables + d.Input, MaxParallelism: 3, DefaultSink: "stdout", BadRows: spec.BadRowsFail}
	policy := ""
	if d.MaybeScanArgs(t, "bad", &policy) && policy == "skip" {
		job.BadRows = spec.BadRowsSkip
	}
	plan, err := compile.Compile(job)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	want := ""
	for i, w := range ways() {
		got := f.outcome(plan, w)
		if i == 0 {
			want = got
			continue
		}
		expected := want
		if !w.exactCounts {
			got, expected = withoutCounts(got), withoutCounts(want)
		}
		if got != expected {
			t.Errorf("%s: %s gives\n%s\nand in one go it is\n%s", d.Pos, w.name, got, expected)
		}
	}
	return want
}

// outcome runs the plan one way and prints what came out.
func (f *file) outcome(plan *physical.Plan, w way) string {
	o := w.options
	o.Partitions = map[string]int{}
	for _, topic := range plan.SourceTopics() {
		o.Partitions[topic] = max(1, f.partitions[topic])
	}
	var inputs []flow.Input
	for _, in := range f.inputs {
		if o.Partitions[in.Topic] > 0 {
			inputs = append(inputs, in)
		}
	}
	result, err := flow.Run(plan, inputs, o)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	topics := plan.SinkTopics()
	for _, topic := range topics {
		if len(topics) > 1 {
			fmt.Fprintf(&b, "%s:\n", topic)
		}
		rows := make([]string, len(result.Output[topic]))
		for i, v := range result.Output[topic] {
			rows[i] = string(v) + "\n"
		}
		slices.Sort(rows)
		b.WriteString(strings.Join(rows, ""))
	}
	if result.Late > 0 {
		fmt.Fprintf(&b, "late: %d\n", result.Late)
	}
	if result.Bad > 0 {
		fmt.Fprintf(&b, "bad: %d\n", result.Bad)
	}
	if b.Len() == 0 {
		return "no rows\n"
	}
	return b.String()
}

func withoutCounts(s string) string {
	var kept []string
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "late: ") && !strings.HasPrefix(line, "bad: ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}
