package render

import (
	"encoding/json"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/runtime/fault"
)

// merge lays the user's part of a pod template over the worker's, lists by name. The labels that the operator finds its
// pods by can't be changed by it.
func merge(base *corev1.PodTemplateSpec, part *runtime.RawExtension) (*corev1.PodTemplateSpec, error) {
	if part == nil || len(part.Raw) == 0 {
		return base, nil
	}
	if err := yaml.UnmarshalStrict(part.Raw, &corev1.PodTemplateSpec{}); err != nil {
		return nil, fault.Wrap(fault.User, err, "decode").At(fault.InField("spec.template")).Do("correct the field, or remove it")
	}
	original, err := json.Marshal(base)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode the pod template")
	}
	merged, err := strategicpatch.StrategicMergePatch(original, part.Raw, &corev1.PodTemplateSpec{})
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "merge").At(fault.InField("spec.template"))
	}
	out := &corev1.PodTemplateSpec{}
	if err := json.Unmarshal(merged, out); err != nil {
		return nil, fault.Wrap(fault.User, err, "merge").At(fault.InField("spec.template"))
	}
	if out.Labels == nil {
		out.Labels = map[string]string{}
	}
	maps.Copy(out.Labels, base.Labels)
	return out, nil
}
