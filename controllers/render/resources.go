package render

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// What a worker is given where neither spec.resources nor spec.template names the resource. The worker divides the limit of its memory among
// the Go runtime and its state (docs/reference/state.md); without one the state would have fixed shares, and the node would pay for the rest.
const (
	defaultMemory = "512Mi"
	defaultCPU    = "100m"
)

// provide fills in what the worker's container needs. A resource of which a request or a limit is named is left as it is: a request
// of memory alone means that there is to be no limit.
func provide(pod *corev1.PodSpec) {
	i := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == WorkerContainer })
	if i < 0 {
		return
	}
	r := pod.Containers[i].Resources.DeepCopy()
	named := func(name corev1.ResourceName) bool {
		_, requested := r.Requests[name]
		_, limited := r.Limits[name]
		return requested || limited
	}
	set := func(list *corev1.ResourceList, name corev1.ResourceName, value string) {
		if *list == nil {
			*list = corev1.ResourceList{}
		}
		(*list)[name] = resource.MustParse(value)
	}
	if !named(corev1.ResourceMemory) {
		set(&r.Requests, corev1.ResourceMemory, defaultMemory)
		set(&r.Limits, corev1.ResourceMemory, defaultMemory)
	}
	if !named(corev1.ResourceCPU) {
		set(&r.Requests, corev1.ResourceCPU, defaultCPU)
	}
	pod.Containers[i].Resources = *r
}
