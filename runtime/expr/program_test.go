package expr_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

func columns() []types.Column {
	return []types.Column{
		{Name: "a", Kind: types.BigInt},
		{Name: "b", Kind: types.BigInt},
		{Name: "i", Kind: types.Int},
		{Name: "d", Kind: types.Double},
		{Name: "t", Kind: types.Timestamp},
		{Name: "s", Kind: types.String},
	}
}

// sample has values that fail nothing here; every tenth is NULL when asked for.
func sample(rows int, nulls bool) *batch.Batch {
	random := rand.New(rand.NewPCG(3, 4))
	var out batch.Batch
	out.Reset(types.Schema{Columns: columns()}.Kinds())
	for range rows {
		for c := range out.Columns {
			v := &out.Columns[c]
			x := random.Int64N(1000) + 1
			switch {
			case nulls && x%10 == 0:
				v.AppendNull()
			case v.Kind == types.Double:
				v.AppendFloat64(float64(x) / 7)
			case v.Kind == types.String:
				v.AppendBytes(fmt.Appendf(nil, "channel-%d", x))
			default:
				v.AppendInt64(x)
			}
		}
	}
	out.Length = rows
	return &out
}

func compile(tb testing.TB, text string) *expr.Program {
	tb.Helper()
	b := binder{columns: columns()}
	n, err := b.parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := expr.Compile(n, b.kinds())
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestNothingIsAllocatedInSteadyState(t *testing.T) {
	for _, text := range []string{
		"a + b * 2 - i", "a / b % 7", "0.908 * d + a", "-a", "a > b AND i <> 3", "a = 1 OR b = 2 OR d < 3",
		"CASE WHEN a > b THEN a WHEN i = 1 THEN b ELSE 0 END", "COALESCE(a, b, 0)", "NULLIF(a, b)", "GREATEST(a, b, i)",
		"a IN (1, 2, 3)", "a IS DISTINCT FROM b", "NOT (a IS NULL)", "FLOOR(t TO HOUR)", "HOUR(t)", "t + INTERVAL '1' HOUR",
		"CAST(a AS DOUBLE)", "CAST(d AS BIGINT)", "TRY_CAST(a AS INT)", "ROUND(d, 2)", "s = 'channel-7'", "s LIKE 'channel-%'",
		"CHAR_LENGTH(s)", "UPPER(s) || '!'", "SUBSTRING(s, 3, 4)", "CAST(s AS STRING)", "TRY_CAST(SPLIT_INDEX(s, '-', 1) AS INT)",
		"DATE_FORMAT(t, 'yyyy-MM-dd')", "s IN ('channel-1', 'channel-2')", "REPLACE(s, 'c', 'xyz')",
	} {
		for _, nulls := range []bool{false, true} {
			input := sample(1024, nulls)
			p := compile(t, text)
			selection := make([]int32, 0, input.Length)
			if n := testing.AllocsPerRun(10, func() {
				input.Selection = nil
				if _, failures, err := p.Eval(input); failures != nil || err != nil {
					t.Fatal(failures, err)
				}
				if p.Kind() == types.Boolean {
					input.Selection, _, _ = p.Select(input, selection[:0])
				}
				if _, _, err := p.Eval(input); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s: %v allocations a batch (NULLs: %v)", text, n, nulls)
			}
		}
	}
}

func TestSelectMayWriteOverTheSelection(t *testing.T) {
	input := sample(100, true)
	p := compile(t, "a > 300 AND b > 300")
	want, _, _ := p.Select(input, nil)
	input.Selection = make([]int32, 0, 100)
	for i := range int32(100) {
		input.Selection = append(input.Selection, i)
	}
	got, _, _ := p.Select(input, input.Selection[:0])
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLongerAndShorterBatchesInTurn(t *testing.T) {
	p := compile(t, "CASE WHEN s LIKE '%7' THEN 'seven' ELSE UPPER(s) END || '.'")
	for _, rows := range []int{3, 4096, 0, 1, 100} {
		v, failures, err := p.Eval(sample(rows, true))
		if err != nil || failures != nil || v.Len() != rows {
			t.Errorf("%d rows: %d slots, %v, %v", rows, v.Len(), failures, err)
		}
	}
}

func TestComputedStringsAreBounded(t *testing.T) {
	input := sample(2, false)
	input.Columns[5].Reset(types.String)
	input.Columns[5].AppendBytes([]byte("x"))
	input.Columns[5].AppendBytes([]byte(strings.Repeat("x", 3<<20)))
	for text, want := range map[string]string{
		"s || s || s":                  "1:8: the result is longer than 8388608 bytes",
		"REPLACE(s, 'x', 'abcdefghi')": "1:1: the result is longer than 8388608 bytes",
	} {
		_, failures, err := compile(t, text).Eval(input)
		if err != nil || len(failures) != 1 || failures[0].Row != 1 || failures[0].Err.Error() != want {
			t.Errorf("%s: %v %v", text, failures, err)
		}
	}
}

func TestCompileRefusesTreesThatAreNotTyped(t *testing.T) {
	literal := func(kind types.Kind) expr.Node { return expr.Node{Kind: kind, Literal: &expr.Literal{}} }
	call := func(kind types.Kind, name string, args ...expr.Node) expr.Node {
		return expr.Node{Kind: kind, Call: &expr.Call{Function: name, Args: args}}
	}
	deep := literal(types.Boolean)
	for range 3000 {
		deep = call(types.Boolean, "NOT", deep)
	}
	cases := map[string]struct {
		node expr.Node
		want string
		kind fault.Kind
	}{
		"no type":             {expr.Node{}, "the expression tree is wrong: a node has no type", fault.Bug},
		"nothing in it":       {expr.Node{Kind: types.Int}, "the expression tree is wrong: a node is neither column nor literal nor call", fault.Bug},
		"no such column":      {expr.Node{Kind: types.Int, Column: &expr.Column{Index: 1, Name: "x"}}, "the expression tree is wrong: there is no column 1 (x) of type INT in the input", fault.Bug},
		"a column's type":     {expr.Node{Kind: types.Int, Column: &expr.Column{Name: "x"}}, "the expression tree is wrong: there is no column 0 (x) of type INT in the input", fault.Bug},
		"no such function":    {call(types.Int, "FOO"), "the expression tree is wrong: there is no function FOO", fault.Bug},
		"a wrong result type": {call(types.Int, "NOT", literal(types.Boolean)), "the expression tree is wrong: NOT(BOOLEAN) is typed INT; it should be NOT(BOOLEAN) of type BOOLEAN", fault.Bug},
		"a missing cast":      {call(types.BigInt, "+", literal(types.Int), literal(types.BigInt)), "the expression tree is wrong: +(INT, BIGINT) is typed BIGINT; it should be +(BIGINT, BIGINT) of type BIGINT", fault.Bug},
		"a cast of two":       {call(types.Int, "CAST", literal(types.Int), literal(types.Int)), "the expression tree is wrong: CAST takes one argument", fault.Bug},
		"too deep":            {deep, "an expression is nested deeper than 2000 calls", fault.User},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := expr.Compile(c.node, []types.Kind{types.String})
			if err == nil || err.Error() != c.want || fault.KindOf(err) != c.kind {
				t.Errorf("got %v (%v)\nwant %s (%v)", err, fault.KindOf(err), c.want, c.kind)
			}
		})
	}
}

func TestSelectWantsABoolean(t *testing.T) {
	_, _, err := compile(t, "a + b").Select(sample(1, false), nil)
	if fault.KindOf(err) != fault.Bug {
		t.Errorf("got %v", err)
	}
}

// BenchmarkSelect and BenchmarkEval print nanoseconds a row of batches of 4096 rows.
func BenchmarkSelect(b *testing.B) {
	for _, text := range []string{"a > 500", "a > b", "d > 71.5", "a > 500 AND b < 500", "a = 1 OR b = 2", "s = 'channel-7'", "s LIKE 'channel-7%'", "a IN (1, 2, 3)"} {
		for _, nulls := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/nulls=%v", text, nulls), func(b *testing.B) {
				input, p := sample(4096, nulls), compile(b, text)
				selection := make([]int32, 0, input.Length)
				for b.Loop() {
					if _, _, err := p.Select(input, selection); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
			})
		}
	}
}

func BenchmarkEval(b *testing.B) {
	for _, text := range []string{"a + b", "i * 3", "a / b", "0.908 * d", "a > b", "CASE WHEN a > 500 THEN 1 ELSE 0 END", "HOUR(t)", "FLOOR(t TO HOUR)", "UPPER(s)", "SUBSTRING(s, 3, 4)", "DATE_FORMAT(t, 'yyyy-MM-dd')", "CAST(a AS STRING)"} {
		b.Run(text, func(b *testing.B) {
			input, p := sample(4096, false), compile(b, text)
			for b.Loop() {
				if _, _, err := p.Eval(input); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
		})
	}
}
