package chart_test

import (
	"path/filepath"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

// A manifest names objects of its own namespace alone: there is no field in which another one could be named. The one exception is what a template says
// of pods, which Kubernetes keeps in their namespace.
func TestNoReferenceLeavesItsNamespace(t *testing.T) {
	crds, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil || len(crds) == 0 {
		t.Fatal(len(crds), err)
	}
	for _, file := range crds {
		var crd struct {
			Spec struct {
				Scope    string
				Versions []struct {
					Schema struct {
						OpenAPIV3Schema struct{ Properties map[string]any } `json:"openAPIV3Schema"`
					}
				}
			}
		}
		if err := yaml.Unmarshal(read(t, file), &crd); err != nil {
			t.Fatal(err)
		}
		if crd.Spec.Scope != "Namespaced" || len(crd.Spec.Versions) == 0 {
			t.Errorf("%s is %s", file, crd.Spec.Scope)
		}
		for _, v := range crd.Spec.Versions {
			for _, field := range namespaces(v.Schema.OpenAPIV3Schema.Properties["spec"], "spec") {
				t.Errorf("%s: %s names a namespace", file, field)
			}
		}
	}
}

func namespaces(schema any, at string) (found []string) {
	switch s := schema.(type) {
	case map[string]any:
		for name, below := range s {
			if properties, ok := below.(map[string]any); ok && name == "properties" {
				for _, field := range []string{"namespace", "namespaces", "namespaceSelector"} {
					if _, there := properties[field]; there {
						found = append(found, at+"."+field)
					}
				}
			}
			found = append(found, namespaces(below, at+"."+name)...)
		}
	case []any:
		for _, below := range s {
			found = append(found, namespaces(below, at)...)
		}
	}
	slices.Sort(found)
	return found
}
