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
	rolls := func(_ string, change v1alpha1.Change) bool { return change == v1alpha1.ChangeRoll }
	rolling, err := json.Marshal(v1alpha1.Part("StreamJob", tree, rolls))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(rolling)
	return hex.EncodeToString(sum[:8])
}
