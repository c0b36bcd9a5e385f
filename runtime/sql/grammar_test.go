package sql_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/sql"
)

// TestGrammarPage holds docs/reference/sql-grammar.md to the parser: its examples are read, and its reserved words are
// reserved, while no other keyword of its rules is.
func TestGrammarPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/sql-grammar.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced(string(page))
	if len(blocks["sql"]) == 0 || len(blocks["ebnf"]) == 0 || len(blocks["reserved"]) != 1 {
		t.Fatalf("the page has lost its blocks")
	}
	for _, text := range blocks["sql"] {
		if _, err := sql.Parse("sql-grammar.md", text); err != nil {
			t.Errorf("an example: %v\n%s", err, text)
		}
	}
	reserved := strings.Fields(blocks["reserved"][0])
	words := slices.Clone(reserved)
	for _, rules := range blocks["ebnf"] {
		for _, m := range regexp.MustCompile(`"([A-Z_]{2,})"`).FindAllStringSubmatch(rules, -1) {
			words = append(words, m[1])
		}
	}
	for _, word := range words {
		for _, name := range []string{word, strings.ToLower(word)} {
			_, err := sql.Parse("", "SELECT 1 AS "+name)
			if got, want := err != nil, slices.Contains(reserved, word); got != want {
				t.Errorf("%s: reserved %v, want %v", name, got, want)
			}
			if _, err := sql.Parse("", "SELECT 1 AS `"+name+"`"); err != nil {
				t.Errorf("%s in quotes: %v", name, err)
			}
		}
	}
}

// fenced returns the blocks of a page by their language.
func fenced(page string) map[string][]string {
	blocks := map[string][]string{}
	for _, m := range regexp.MustCompile("(?s)```(\\w+)\n(.*?)```").FindAllStringSubmatch(page, -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	return blocks
}
