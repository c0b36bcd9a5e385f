package logical_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// TestGrowthIsBounded compiles scripts that would grow without end if their views were simply put into each other.
func TestGrowthIsBounded(t *testing.T) {
	doubling := func(n int) string {
		var b strings.Builder
		b.WriteString("CREATE VIEW v0 AS SELECT price AS p FROM bids;\n")
		for i := range n {
			fmt.Fprintf(&b, "CREATE VIEW v%d AS SELECT p + p AS p FROM v%d;\n", i+1, i)
		}
		fmt.Fprintf(&b, "SELECT p FROM v%d WHERE p > 1;", n)
		return b.String()
	}
	many := func(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+", ", n), ", ") }
	numbered := make([]string, 3000)
	for i := range numbered {
		numbered[i] = fmt.Sprintf("COUNT(*) FILTER (WHERE price = %d) AS c%d", i, i)
	}
	const window = " FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '1' HOUR) GROUP BY window_end"
	cases := map[string]struct{ text, refusal string }{
		"views that double":          {doubling(60), ""},
		"views nested too deep":      {doubling(120), "nested deeper than"},
		"too many columns":           {"SELECT " + many("price", 3000) + " FROM bids", "at most 2000 columns"},
		"too many aggregates":        {"SELECT " + strings.Join(numbered, ", ") + window, "at most 2000 "},
		"too many keys":              {"SELECT 1 AS one" + window + ", " + many("price", 3000), "groups by at most"},
		"too many columns in views":  {"CREATE VIEW w AS SELECT " + strings.Join(aliases(1500), ", ") + " FROM bids;" + strings.Repeat("SELECT c1 FROM w;", 200), "steps of the script"},
		"a deep expression of a key": {"SELECT window_end" + strings.Repeat(" + INTERVAL '1' SECOND", 900) + " AS x, COUNT(*) AS n" + window, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			script, err := sql.Parse("", c.text)
			if err != nil {
				t.Fatal(err)
			}
			p, err := logical.Bind(spec.Job{Tables: tables(), DefaultSink: "stdout"}, script)
			if c.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), c.refusal) {
					t.Errorf("got %v, want %q", err, c.refusal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text := logical.Optimize(p).String(); len(text) > 200_000 {
				t.Errorf("the plan has %d bytes of text", len(text))
			}
		})
	}
}

func aliases(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("price AS c%d", i)
	}
	return list
}
