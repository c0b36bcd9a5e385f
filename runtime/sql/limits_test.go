package sql_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/sql"
)

func TestNestingIsBounded(t *testing.T) {
	r := strings.Repeat
	// Each shape nests n levels; the expression itself is the first.
	shapes := map[string]func(n int) string{
		"parentheses":   func(n int) string { return r("(", n-1) + "a" + r(")", n-1) },
		"NOT":           func(n int) string { return r("NOT ", n-1) + "a" },
		"signs":         func(n int) string { return r("- ", n-1) + "a" },
		"calls":         func(n int) string { return r("f(", n-1) + "a" + r(")", n-1) },
		"CASE":          func(n int) string { return r("CASE WHEN a THEN ", n-1) + "a" + r(" END", n-1) },
		"lists":         func(n int) string { return r("a IN (", n-1) + "a" + r(")", n-1) },
		"POSITION":      func(n int) string { return r("POSITION(", n-1) + "a" + r(" IN b)", n-1) },
		"right operand": func(n int) string { return r("a - (", n-1) + "a" + r(")", n-1) },
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			e, err := sql.ParseExpr("", shape(sql.MaxNesting))
			if err != nil {
				t.Fatalf("at the bound: %v", err)
			}
			again, err := sql.ParseExpr("", e.String())
			if err != nil || again.String() != e.String() {
				t.Errorf("the canonical SQL nests deeper than the text: %v", err)
			}
			wantError(t, shape(sql.MaxNesting+1), "this nests deeper than 200 levels")
			wantError(t, shape(10_000), "this nests deeper than 200 levels")
		})
	}
}

func TestNestingOfQueriesIsBounded(t *testing.T) {
	shapes := map[string]func(n int) string{
		"subqueries":      func(n int) string { return nest("SELECT * FROM (", "SELECT *", ")", n) },
		"parentheses":     func(n int) string { return nest("(", "SELECT *", ")", n) },
		"table arguments": func(n int) string { return nest("SELECT * FROM f(TABLE (", "SELECT *", "))", n) },
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			// The star is no expression, so each query is one level.
			if _, err := sql.Parse("", shape(sql.MaxNesting)); err != nil {
				t.Errorf("at the bound: %v", err)
			}
			_, err := sql.Parse("", shape(sql.MaxNesting+1))
			if err == nil || !strings.Contains(err.Error(), "this nests deeper than 200 levels") {
				t.Errorf("beyond the bound: %v", err)
			}
		})
	}
}

func nest(open, inner, end string, n int) string {
	return strings.Repeat(open, n-1) + inner + strings.Repeat(end, n-1)
}

func TestTreeDepthIsBounded(t *testing.T) {
	chain := func(n int) string { return "a" + strings.Repeat(" OR a", n) }
	e, err := sql.ParseExpr("", chain(sql.MaxTreeDepth))
	if err != nil {
		t.Fatalf("at the bound: %v", err)
	}
	if got := e.String(); got != chain(sql.MaxTreeDepth) {
		t.Errorf("the chain came back with %d bytes", len(got))
	}
	wantError(t, chain(sql.MaxTreeDepth+1), "the expression is deeper than 1000 operators")
	wantError(t, "f(("+chain(600)+") + ("+chain(999)+"))", "the expression is deeper than 1000 operators")
	if _, err := sql.ParseExpr("", "f(("+chain(900)+") + ("+chain(900)+"))"); err != nil {
		t.Errorf("two chains side by side: %v", err)
	}
}

func TestTextSizeIsBounded(t *testing.T) {
	text := "SELECT a" + strings.Repeat(" ", sql.MaxTextBytes)
	if _, err := sql.Parse("", text[:sql.MaxTextBytes]); err != nil {
		t.Errorf("at the bound: %v", err)
	}
	_, err := sql.Parse("q.sql", text[:sql.MaxTextBytes+1])
	if want := "q.sql:1:1: the text has 1048577 bytes, more than the 1048576 that are allowed"; err == nil || err.Error() != want {
		t.Errorf("beyond the bound: %v, want %s", err, want)
	}
}

// TestLargeTextsEnd reads texts near the size bound in shapes that would show a rule that looks back over what it has read.
func TestLargeTextsEnd(t *testing.T) {
	fill := func(open, item, end string) string {
		var b strings.Builder
		b.WriteString(open)
		for i := 0; b.Len() < sql.MaxTextBytes-64; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strings.ReplaceAll(item, "#", strconv.Itoa(i)))
		}
		b.WriteString(end)
		return b.String()
	}
	texts := map[string]string{
		"select items":         fill("SELECT ", "a#", ""),
		"columns":              fill("CREATE TABLE t (", "a# INT", ")"),
		"options":              fill("CREATE TABLE t (a INT) WITH (", "'k#'='v'", ")"),
		"key columns":          fill("CREATE TABLE t (a INT, PRIMARY KEY (", "a#", ") NOT ENFORCED)"),
		"positional arguments": fill("SELECT * FROM f(", "#", ")"),
		"named arguments":      fill("SELECT * FROM f(", "a#=>1", ")"),
		"an IN list":           fill("SELECT a IN (", "#", ")"),
		"one string":           "SELECT '" + strings.Repeat("''", sql.MaxTextBytes/2-16) + "'",
		"one name":             "SELECT `" + strings.Repeat("x", sql.MaxTextBytes-16) + "`",
		"one number":           "SELECT " + strings.Repeat("7", sql.MaxTextBytes-16),
		"comments":             "SELECT 1" + strings.Repeat("/**/", sql.MaxTextBytes/4-16),
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			script, err := sql.Parse("", text)
			if err != nil {
				t.Fatal(err)
			}
			if len(script.String()) == 0 {
				t.Error("prints nothing")
			}
		})
	}
}

func wantError(t *testing.T, text, want string) {
	t.Helper()
	if _, err := sql.ParseExpr("", text); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestTextThatIsNotUTF8(t *testing.T) {
	_, err := sql.Parse("q.sql", "SELECT 1,\n 'ü\xff'")
	if want := "q.sql:2:4: the text is not UTF-8; save it as UTF-8"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := sql.ParseExpr("", "'\ufffd'"); err != nil {
		t.Errorf("a replacement character that stands in the text is UTF-8: %v", err)
	}
}

func TestWalkVisitsInTheOrderOfTheText(t *testing.T) {
	e, err := sql.ParseExpr("", "CASE WHEN a IN (b, c) THEN f(d, e) FILTER (WHERE g) ELSE TRIM('x' FROM h) END LIKE i ESCAPE j")
	if err != nil {
		t.Fatal(err)
	}
	var all, outside []string
	sql.Walk(e, func(e sql.Expr) bool {
		if c, ok := e.(*sql.ColumnRef); ok {
			all = append(all, c.Name.Name)
		}
		return true
	})
	sql.Walk(e, func(e sql.Expr) bool {
		if c, ok := e.(*sql.ColumnRef); ok {
			outside = append(outside, c.Name.Name)
		}
		_, call := e.(*sql.Call)
		return !call
	})
	if got := strings.Join(all, " "); got != "a b c d e g h i j" {
		t.Errorf("all: %s", got)
	}
	if got := strings.Join(outside, " "); got != "a b c h i j" {
		t.Errorf("outside of calls: %s", got)
	}
}
