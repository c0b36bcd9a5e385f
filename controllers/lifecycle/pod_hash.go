package lifecycle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/millrace/millrace/api/v1alpha1"
)

// PodHash identifies the fields of a spec whose change rolls the pods, by the markers of the API.
func PodHash(spec *v1alpha1.StreamJobSpec) string {
	text, err := json.Marshal(spec)
	if err != nil { // a spec that came from JSON goes back to JSON
		return ""
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		return ""
	}
	rolling, err := json.Marshal(only(tree, "spec", v1alpha1.ChangeRoll))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(rolling)
	return hex.EncodeToString(sum[:8])
}

// only keeps the fields of a tree that a change of which does what is asked. Fields that no marker covers in particular
// follow their parent.
func only(tree map[string]any, path string, change v1alpha1.Change) map[string]any {
	kept := map[string]any{}
	for name, value := range tree {
		at := path + "." + name
		inner, isObject := value.(map[string]any)
		switch {
		case isObject:
			if below := only(inner, at, change); len(below) > 0 {
				kept[name] = below
			}
		case v1alpha1.ChangeOf("StreamJob", at) == change:
			kept[name] = value
		}
	}
	return kept
}
