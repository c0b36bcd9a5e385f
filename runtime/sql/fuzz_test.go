package sql_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/sql"
)

// FuzzParse holds that any text gives a script or a user's error with a place, and that a script's canonical SQL reads as
// the same script.
func FuzzParse(f *testing.F) {
	seed(f, "parse")
	f.Fuzz(func(t *testing.T, text string) {
		script, err := sql.Parse("q.sql", text)
		if err != nil {
			describe(t, err)
			return
		}
		canonical := script.String()
		if len(canonical) > sql.MaxTextBytes {
			return // The words that canonical SQL adds can make a text at the bound too long.
		}
		again, err := sql.Parse("q.sql", canonical)
		if err != nil {
			t.Fatalf("%v\nin the canonical SQL:\n%s", err, canonical)
		}
		if got, want := outline(again, false), outline(script, false); got != want {
			t.Errorf("the canonical SQL reads differently:\n%s\ngot:\n%s\nwant:\n%s", canonical, got, want)
		}
	})
}

// FuzzParseExpr holds the same for an expression.
func FuzzParseExpr(f *testing.F) {
	seed(f, "expr")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := sql.ParseExpr("", text)
		if err != nil {
			describe(t, err)
			return
		}
		canonical := e.String()
		if len(canonical) > sql.MaxTextBytes {
			return
		}
		again, err := sql.ParseExpr("", canonical)
		if err != nil {
			t.Fatalf("%v\nin the canonical SQL:\n%s", err, canonical)
		}
		if got, want := outline(again, false), outline(e, false); got != want {
			t.Errorf("the canonical SQL reads differently:\n%s\ngot:\n%s\nwant:\n%s", canonical, got, want)
		}
	})
}

// seed adds the inputs of the golden files that have a command, so that the corpus grows with them.
func seed(f *testing.F, command string) {
	f.Helper()
	files, err := filepath.Glob("testdata/parse/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, input := range inputs(string(text), command) {
			f.Add(input)
		}
	}
}

// inputs cuts a datadriven file into the inputs of one command; those of "expr" are one a line.
func inputs(text, command string) []string {
	var found []string
	for part := range strings.SplitSeq(text, "\n\n") {
		lines := strings.TrimLeft(part, "\n")
		head, rest, _ := strings.Cut(lines, "\n")
		input, _, ok := strings.Cut(rest, "----")
		if !ok || !strings.HasPrefix(head, command) {
			continue
		}
		if command == "parse" {
			found = append(found, input)
			continue
		}
		for line := range strings.Lines(input) {
			found = append(found, strings.TrimSuffix(line, "\n"))
		}
	}
	return found
}
