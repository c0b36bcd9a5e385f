package lifecycle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"

	"github.com/millrace/millrace/api/v1alpha1"
)

// verbatim are the fields of Kubernetes' own kinds: a zero that somebody writes there is not the same as none.
var verbatim = map[string]bool{"StreamJob.template": true, "StreamJob.resources": true} //nolint:gochecknoglobals // a table

// PodHash identifies what users say of the pods: the fields of a spec and of its connection whose change rolls them, by the markers of the API. It is
// kept in the journal, and another operator must come to the same one as long as the user changes nothing. So what is zero or a later default is left
// out: a field that is new, and that nobody uses, is not there. testdata/pod_hash.json holds that; its hashes are never rewritten.
func PodHash(spec *v1alpha1.StreamJobSpec, connection *v1alpha1.KafkaConnectionSpec) string {
	asked := map[string]any{}
	for kind, value := range map[string]any{"StreamJob": spec, "KafkaConnection": connection} {
		tree, ok := treeOf(value)
		if !ok { // a spec that came from JSON goes back to JSON
			return ""
		}
		rolls := func(_ string, change v1alpha1.Change) bool { return change == v1alpha1.ChangeRoll }
		if part, ok := said(kind, v1alpha1.Part(kind, tree, rolls)); ok {
			asked[kind] = part
		}
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func treeOf(spec any) (map[string]any, bool) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, false
	}
	var tree map[string]any
	return tree, json.Unmarshal(text, &tree) == nil
}

// said returns what there is to a value besides zeros and later defaults; false where that is nothing. Lists are taken as they are.
func said(path string, value any) (any, bool) {
	if verbatim[path] {
		return value, true
	}
	if late, ok := v1alpha1.LaterDefault(path); ok && reflect.DeepEqual(value, late) {
		return nil, false
	}
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range v {
			if left, ok := said(path+"."+name, inner); ok {
				kept[name] = left
			}
		}
		return kept, len(kept) > 0
	case []any:
		return v, len(v) > 0
	case string:
		return v, v != "" && v != "0" && v != "0s" // of texts, quantities and durations
	case float64:
		return v, v != 0
	case bool:
		return v, v
	default:
		return v, v != nil
	}
}
