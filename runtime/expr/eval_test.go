package expr_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// TestEval runs testdata/eval: "rows" gives column names with types and then rows, "eval" evaluates one expression a
// line over them. Each expression is also held against itself: row by row, on random selections, and as a predicate.
func TestEval(t *testing.T) {
	datadriven.Walk(t, "testdata/eval", func(t *testing.T, path string) {
		t.Helper()
		var b binder
		input := &batch.Batch{Length: 1}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			switch d.Cmd {
			case "rows":
				input = parseRows(t, &b, d.Input)
				return ""
			case "eval":
				var out strings.Builder
				for line := range strings.Lines(d.Input) {
					out.WriteString(evalLine(t, &b, input, strings.TrimSpace(line)))
				}
				return out.String()
			default:
				t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
				return ""
			}
		})
	})
}

func evalLine(t *testing.T, b *binder, input *batch.Batch, text string) string {
	t.Helper()
	n, err := b.parse(text)
	if err != nil {
		return text + "\n  refused: " + err.Error() + "\n"
	}
	p, err := expr.Compile(n, b.kinds())
	if err != nil {
		if fault.KindOf(err) != fault.User {
			t.Errorf("%s: the error of Compile is of kind %v", text, fault.KindOf(err))
		}
		return text + "\n  refused: " + err.Error() + "\n"
	}
	want := results(t, p, input)
	checkEachRow(t, text, n, b, input, want)
	checkSelections(t, text, p, input, want)
	if len(b.columns) == 0 || allEqual(want) {
		return fmt.Sprintf("%s\n  %s %s\n", text, n.Kind, want[0])
	}
	return fmt.Sprintf("%s\n  %s %s\n", text, n.Kind, strings.Join(want, " | "))
}

func allEqual(list []string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return s != list[0] })
}

func (b *binder) kinds() []types.Kind { return types.Schema{Columns: b.columns}.Kinds() }

// results evaluates and renders the selected rows; others are "".
func results(t *testing.T, p *expr.Program, input *batch.Batch) []string {
	t.Helper()
	v, failures, err := p.Eval(input)
	if err != nil {
		t.Fatal(err)
	}
	if v.Len() != input.Length {
		t.Fatalf("the vector has %d slots for %d rows", v.Len(), input.Length)
	}
	out := make([]string, input.Length)
	for i := range out {
		if input.Selection != nil && !slices.Contains(input.Selection, int32(i)) {
			continue
		}
		out[i] = render(v, i)
	}
	for _, f := range failures {
		if fault.KindOf(f.Err) != fault.Data {
			t.Errorf("a row's error is of kind %v", fault.KindOf(f.Err))
		}
		out[f.Row] = "error: " + f.Err.Error()
	}
	return out
}

func render(v *batch.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	switch v.Kind.Storage() {
	case types.StoreBytes:
		return fmt.Sprintf("%q", v.Bytes(i))
	case types.StoreBool:
		return strings.ToUpper(strconv.FormatBool(v.Bool[i]))
	case types.StoreFloat64:
		return fmt.Sprint(v.Float64[i])
	default:
		if v.Kind == types.Int || v.Kind == types.BigInt {
			return strconv.FormatInt(v.Int64[i], 10)
		}
		return timeText(v, i)
	}
}

// timeText renders a time by a program that casts it.
func timeText(v *batch.Vector, i int) string {
	n := expr.Node{Kind: v.Kind, Column: &expr.Column{}}
	p, err := expr.Compile(expr.Coerce(n, types.String), []types.Kind{v.Kind})
	if err != nil {
		return err.Error()
	}
	one := &batch.Batch{Length: 1, Columns: []batch.Vector{{Kind: v.Kind, Int64: v.Int64[i : i+1]}}}
	out, _, _ := p.Eval(one)
	return string(out.Bytes(0))
}

func checkEachRow(t *testing.T, text string, n expr.Node, b *binder, input *batch.Batch, want []string) {
	t.Helper()
	p, err := expr.Compile(n, b.kinds())
	if err != nil {
		t.Fatal(err)
	}
	for i := range input.Length {
		var single batch.Batch
		single.Reset(b.kinds())
		single.AppendRow(input, i)
		if got := results(t, p, &single)[0]; got != want[i] {
			t.Errorf("%s: row %d alone is %s, in the batch %s", text, i, got, want[i])
		}
	}
	empty := &batch.Batch{}
	empty.Reset(b.kinds())
	results(t, p, empty)
}

func checkSelections(t *testing.T, text string, p *expr.Program, input *batch.Batch, want []string) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		some := *input
		some.Selection = make([]int32, 0, input.Length)
		for i := range int32(input.Length) {
			if random.IntN(3) > 0 {
				some.Selection = append(some.Selection, i)
			}
		}
		got := results(t, p, &some)
		for _, i := range some.Selection {
			if got[i] != want[i] {
				t.Errorf("%s: row %d of the selection %v is %s, in the batch %s", text, i, some.Selection, got[i], want[i])
			}
		}
		if p.Kind() == types.Boolean {
			checkSelect(t, text, p, &some, want)
		}
	}
	if got := results(t, p, input); !slices.Equal(got, want) {
		t.Errorf("%s: evaluated again the batch is %v, at first %v", text, got, want)
	}
	if p.Kind() == types.Boolean {
		checkSelect(t, text, p, input, want)
	}
}

func checkSelect(t *testing.T, text string, p *expr.Program, input *batch.Batch, want []string) {
	t.Helper()
	var true32 []int32
	for i := range int32(input.Length) {
		if want[i] == "TRUE" && (input.Selection == nil || slices.Contains(input.Selection, i)) {
			true32 = append(true32, i)
		}
	}
	got, _, err := p.Select(input, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got == nil || !slices.Equal(got, true32) {
		t.Errorf("%s: selects %v of %v, want %v", text, got, input.Selection, true32)
	}
	behind, _, _ := p.Select(input, []int32{-7})
	if !slices.Equal(behind[1:], true32) || behind[0] != -7 {
		t.Errorf("%s: selects %v behind -7, want %v", text, behind, true32)
	}
}

// parseRows reads "name TYPE, …" and then rows of expressions between bars.
func parseRows(t *testing.T, b *binder, text string) *batch.Batch {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	b.columns = nil
	for part := range strings.SplitSeq(lines[0], ",") {
		name, word, _ := strings.Cut(strings.TrimSpace(part), " ")
		kind, ok := types.KindByName(word)
		if !ok {
			t.Fatalf("no type %s", word)
		}
		b.columns = append(b.columns, types.Column{Name: name, Kind: kind})
	}
	out := &batch.Batch{}
	out.Reset(b.kinds())
	for _, line := range lines[1:] {
		cells := strings.Split(line, "|")
		if len(cells) != len(b.columns) {
			t.Fatalf("%q has %d cells for %d columns", line, len(cells), len(b.columns))
		}
		for i, cell := range cells {
			appendCell(t, &out.Columns[i], strings.TrimSpace(cell))
		}
		out.Length++
	}
	return out
}

func appendCell(t *testing.T, column *batch.Vector, cell string) {
	t.Helper()
	n, err := (&binder{}).parse(cell)
	if err != nil {
		t.Fatal(err)
	}
	p, err := expr.Compile(expr.Coerce(n, column.Kind), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, failures, err := p.Eval(&batch.Batch{Length: 1})
	if err != nil || failures != nil {
		t.Fatal(cell, failures, err)
	}
	column.AppendFrom(v, 0)
}
