package streamjob

import (
	"encoding/json"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// scaler names who has set spec.parallelism through the scale subresource, as far as the API server records that: a program at any time, for it
// will again, and a person's kubectl since a moment. API servers of 1.35 record nobody for the scale of a custom resource; there the changed number says
// that somebody did, and not who.
func scaler(fields []metav1.ManagedFieldsEntry, since time.Time) string {
	for i := range fields {
		f := &fields[i]
		if f.Subresource != "scale" || f.FieldsV1 == nil || !setsParallelism(f.FieldsV1.GetRawBytes()) {
			continue
		}
		person := strings.HasPrefix(f.Manager, "kubectl") || f.Manager == "millrace-cli"
		if !person || f.Time != nil && f.Time.After(since) {
			return f.Manager
		}
	}
	return ""
}

func setsParallelism(fields []byte) bool {
	var tree struct {
		Spec map[string]json.RawMessage `json:"f:spec"`
	}
	if json.Unmarshal(fields, &tree) != nil {
		return false
	}
	_, sets := tree.Spec["f:parallelism"]
	return sets
}
