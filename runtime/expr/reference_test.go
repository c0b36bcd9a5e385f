package expr_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/runtime/expr"
)

// TestReference holds docs/reference/functions.md against the function table; -rewrite makes it anew.
func TestReference(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "reference", "functions.md")
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(file, []byte(expr.Reference()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != expr.Reference() {
		t.Errorf("%s is not what the function table says; run go test ./runtime/expr -run TestReference -rewrite", file)
	}
}
