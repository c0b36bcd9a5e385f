package expr

import (
	"fmt"
	"strings"
)

// Reference returns the reference page of functions and operators, as Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Functions and operators\n\n" +
		"<!-- Made from the function table by `go test ./runtime/expr -run TestReference -rewrite`; edit that. -->\n\n" +
		"NULL in, NULL out, unless an entry says otherwise. An INT becomes a BIGINT or a DOUBLE, a BIGINT a DOUBLE and a DATE a\n" +
		"TIMESTAMP where that makes a call fit; nothing else converts by itself ([types](types.md)). T stands for any one type.\n" +
		"An error of a row goes to the job's bad-row policy with the line and column of the call.\n")
	section := group("")
	for _, f := range table() {
		if f.group != section {
			section = f.group
			fmt.Fprintf(&b, "\n## %s\n\n| write | types | gives |\n|---|---|---|\n", section)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", cell(f.syntax), cell(strings.Join(f.signatures(), "<br>")), cell(f.text))
	}
	return b.String()
}

// cell escapes what would end a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
