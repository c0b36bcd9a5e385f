package compile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// FuzzCompile looks that every text compiles to a plan that can be stored, or is refused as its author's mistake.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{"testdata/explain", "testdata/errors"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for part := range strings.SplitSeq(string(b), "\n\n") {
				_, text, _ := strings.Cut(part, "explain\n")
				text, _, _ = strings.Cut(text, "\n----")
				f.Add(text)
			}
		}
	}
	f.Add(base)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := compile.Compile(job(text))
		if err != nil {
			if fault.KindOf(err) != fault.User {
				t.Fatalf("kind %v: %v", fault.KindOf(err), err)
			}
			return
		}
		b, err := physical.Encode(p)
		if err != nil {
			if fault.KindOf(err) == fault.User {
				return // too large
			}
			t.Fatal(err)
		}
		if _, err := physical.Decode(b); err != nil {
			t.Fatal(err)
		}
		physical.Explain(p)
	})
}
