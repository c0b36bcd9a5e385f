package sql_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/sql"
)

// TestParse runs testdata/*.txt. Commands: "parse" reads a script, "expr" an expression; both print the canonical SQL and,
// with the argument "tree", the tree with its positions. Errors print as a person sees them.
func TestParse(t *testing.T) {
	datadriven.Walk(t, "testdata/parse", func(t *testing.T, path string) {
		t.Helper()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			switch d.Cmd {
			case "parse":
				script, err := sql.Parse("q.sql", d.Input)
				if err != nil {
					return describe(t, err)
				}
				again, err := sql.Parse("", script.String())
				if err != nil || outline(again, false) != outline(script, false) {
					t.Errorf("the canonical SQL reads differently (%v):\n%s", err, script)
				}
				if d.HasArg("tree") {
					return script.String() + outline(script, true)
				}
				return script.String()
			case "expr":
				return eachLine(d.Input, func(line string) string { return expression(t, line, d.HasArg("tree")) })
			default:
				t.Fatalf("unknown command %s", d.Cmd)
				return ""
			}
		})
	})
}

func eachLine(input string, f func(string) string) string {
	var b strings.Builder
	for line := range strings.Lines(input) {
		b.WriteString(f(strings.TrimSuffix(line, "\n")))
		b.WriteByte('\n')
	}
	return b.String()
}

func expression(t *testing.T, text string, tree bool) string {
	t.Helper()
	e, err := sql.ParseExpr("", text)
	if err != nil {
		return strings.TrimSpace(describe(t, err))
	}
	again, err := sql.ParseExpr("", e.String())
	if err != nil || outline(again, false) != outline(e, false) {
		t.Errorf("the canonical SQL reads differently (%v): %s", err, e)
	}
	if tree {
		return e.String() + "\n" + strings.TrimSuffix(outline(e, true), "\n")
	}
	return e.String()
}

// describe checks that an error is a user's with a place, and returns its text.
func describe(t *testing.T, err error) string {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.User || f.Place.Line < 1 || f.Place.Column < 1 {
		t.Errorf("not a user's error with a place: %v", err)
	}
	return "error: " + err.Error() + "\n"
}

// outline prints any part of a tree, one node a line: its type, its position, and its plain fields. Without positions it
// is what two equal trees have in common.
func outline(node any, positions bool) string {
	var b strings.Builder
	writeOutline(&b, "", "", reflect.ValueOf(node), positions)
	return b.String()
}

func writeOutline(b *strings.Builder, indent, label string, v reflect.Value, positions bool) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			writeOutline(b, indent, label, v.Index(i), positions)
		}
		return
	}
	fmt.Fprintf(b, "%s%s%s", indent, label, v.Type().Name())
	if n, ok := reflect.TypeAssert[sql.Node](v.Addr()); ok && positions {
		fmt.Fprintf(b, " %s", n.Pos())
	}
	nested := writeFields(b, v, positions)
	b.WriteByte('\n')
	for _, i := range nested {
		writeOutline(b, indent+"  ", v.Type().Field(i).Name+": ", v.Field(i), positions)
	}
}

// writeFields prints a node's plain fields and returns the indexes of those that hold nodes.
func writeFields(b *strings.Builder, v reflect.Value, positions bool) []int {
	var nested []int
	for i := range v.NumField() {
		f := v.Field(i)
		switch {
		case f.Type() == reflect.TypeFor[sql.Pos]():
			if name := v.Type().Field(i).Name; positions && name != "At" {
				fmt.Fprintf(b, " %s=%s", name, f.Interface())
			}
		case f.Kind() == reflect.Interface, f.Kind() == reflect.Pointer, f.Kind() == reflect.Struct,
			f.Kind() == reflect.Slice && f.Type().Elem().Kind() > reflect.Complex128 && f.Type().Elem().Kind() != reflect.String:
			nested = append(nested, i)
		case !f.IsZero():
			value := fmt.Sprintf("%#v", f.Interface())
			if word, ok := reflect.TypeAssert[fmt.Stringer](f); ok {
				value = word.String()
			}
			fmt.Fprintf(b, " %s=%s", v.Type().Field(i).Name, value)
		}
	}
	return nested
}
