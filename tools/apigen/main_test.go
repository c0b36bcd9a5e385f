package main

import (
	"bytes"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCommittedFilesAreWhatTheTypesSay(t *testing.T) {
	kinds, err := load("../../api/v1alpha1")
	if err != nil {
		t.Fatal(err)
	}
	changes, err := format.Source(changesSource(kinds))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{
		"../../api/v1alpha1/zz_generated.changes.go": changes,
		"../../docs/reference/api.md":                referencePage(kinds),
	} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the types say: run make generate", name)
		}
	}
}

func TestFieldsThatSayTooLittleAreRefused(t *testing.T) {
	cases := map[string]struct{ fields, want string }{
		"a field without a marker":            {"// A is a field.\nA string `json:\"a\"`", "Thing.spec.a: has no marker"},
		"a field without a comment":           {"// +millrace:change=Roll\nA string `json:\"a\"`", "Thing.spec.a: has no doc comment"},
		"a kind of change that is not known":  {"// A is a field.\n// +millrace:change=Maybe\nA string `json:\"a\"`", `Thing.spec.a: unknown change "Maybe"`},
		"a field of a nested type":            {"// N is nested.\n// +millrace:change=Roll\nN []Inner `json:\"n\"`", "Thing.spec.n.b: has no marker"},
		"everything said":                     {"// A is a field.\n// +millrace:change=Roll\nA string `json:\"a\"`", ""},
		"a type that holds itself is no loop": {"// R is again.\n// +millrace:change=Roll\nR *ThingSpec `json:\"r\"`", "nested deeper than"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			source := "package x\n// Thing is one.\ntype Thing struct{}\ntype ThingSpec struct {\n" + c.fields +
				"\n}\ntype Inner struct {\n// B is inside.\nB int `json:\"b\"`\n}\n"
			if err := os.WriteFile(filepath.Join(folder, "x.go"), []byte(source), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := load(folder)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
