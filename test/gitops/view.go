package gitops

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// View is what is said of one object.
type View struct {
	// KStatus is kstatus's word.
	KStatus status.Status
	// Argo is Argo CD's, by the rule, and Message the rule's.
	Argo, Message string
	// Ready is whether kubectl wait --for=condition=Ready has an end.
	Ready bool
}

// String sums the view up.
func (v View) String() string {
	return fmt.Sprintf("kstatus %s, Argo CD %s, Ready %v", v.KStatus, v.Argo, v.Ready)
}

// agreed are the views in which all say the same. An object that rests, as its spec says, is as it should be, and not Ready.
var agreed = map[View]bool{
	{KStatus: status.CurrentStatus, Argo: "Healthy", Ready: true}:         true,
	{KStatus: status.CurrentStatus, Argo: "Suspended"}:                    true,
	{KStatus: status.InProgressStatus, Argo: "Progressing"}:               true,
	{KStatus: status.FailedStatus, Argo: "Degraded"}:                      true,
	{KStatus: status.TerminatingStatus, Argo: "Progressing"}:              true,
	{KStatus: status.TerminatingStatus, Argo: "Progressing", Ready: true}: true, // Ready until the operator has seen it
}

// Agrees says whether all say the same.
func (v View) Agrees() bool {
	v.Message = ""
	return agreed[v]
}

// Look asks all of them.
func (r *Rule) Look(o *unstructured.Unstructured) (v View, err error) {
	k, err := status.Compute(o)
	if err != nil {
		return v, fmt.Errorf("kstatus of %s %s: %w", o.GetKind(), o.GetName(), err)
	}
	v.KStatus = k.Status
	if v.Argo, v.Message, err = r.judge(o); err != nil {
		return v, fmt.Errorf("the rule of %s %s: %w", o.GetKind(), o.GetName(), err)
	}
	v.Ready = ready(o)
	return v, nil
}

// ready is what kubectl wait asks: the condition, of this generation.
func ready(o *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		c, ok := c.(map[string]any)
		if !ok || c["type"] != "Ready" {
			continue
		}
		generation, found := c["observedGeneration"].(int64)
		return c["status"] == "True" && (!found || generation >= o.GetGeneration())
	}
	return false
}
