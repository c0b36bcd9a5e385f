package history

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
)

type schema struct {
	Default    any
	Properties map[string]schema
}

// The API server fills in the defaults of a new CRD in what it has stored long ago: one that came after v0.1.0 must make no version.
func TestADefaultThatIsNewMakesNoVersion(t *testing.T) {
	text, err := os.ReadFile("testdata/first_defaults.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields(string(text))
	text, err = os.ReadFile("../../config/crd/bases/millrace.dev_streamjobs.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema struct{ Properties map[string]schema }
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &crd); err != nil {
		t.Fatal(err)
	}
	found := 0
	var look func(path string, of schema)
	look = func(path string, of schema) {
		if of.Default != nil && versioned(path, v1alpha1.ChangeOf("StreamJob", path)) {
			found++
			if late, is := v1alpha1.LaterDefault("StreamJob" + strings.TrimPrefix(path, "spec")); !slices.Contains(known, path) && (!is || fmt.Sprint(late) != fmt.Sprint(of.Default)) {
				t.Errorf("%s has a default, %v, which makes a version of every job with the new CRD: give it a row in laterDefaults", path, of.Default)
			}
		}
		for name, inner := range of.Properties {
			look(path+"."+name, inner)
		}
	}
	look("spec", crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"])
	if found < 3 {
		t.Errorf("found %d defaults", found)
	}
}

func TestALaterDefaultIsNoDifference(t *testing.T) {
	without, err := Of(&v1alpha1.StreamJobSpec{SQL: "SELECT 1"})
	if err != nil {
		t.Fatal(err)
	}
	with, err := Of(&v1alpha1.StreamJobSpec{SQL: "SELECT 1", Mode: v1alpha1.ModeStreaming})
	if err != nil {
		t.Fatal(err)
	}
	a, _ := without.Name("job", "uid")
	b, _ := with.Name("job", "uid")
	if a != b {
		t.Errorf("%s and %s are two versions", a, b)
	}
	batch, err := Of(&v1alpha1.StreamJobSpec{SQL: "SELECT 1", Mode: v1alpha1.ModeBatch})
	if err != nil {
		t.Fatal(err)
	}
	if d := batch.Differences(with); !slices.Equal(d, []string{"mode"}) {
		t.Errorf("a batch job differs in %v", d)
	}
}
