package render

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// lostNodeSeconds is how long a pod stays with a node that is not heard of. Kubernetes' own 300 s are for pods whose move costs more than
// their absence: a worker's tasks are at work elsewhere by then, and only its part of the job's power is missing.
const lostNodeSeconds = 30

// spread keeps an epoch's workers apart where there is room, by node and by zone: a job that can't be spread runs all the same. A template
// overrides each of the two by its topologyKey.
func (w *Workload) spread() []corev1.TopologySpreadConstraint {
	var list []corev1.TopologySpreadConstraint
	for _, key := range []string{corev1.LabelHostname, corev1.LabelTopologyZone} {
		list = append(list, corev1.TopologySpreadConstraint{
			MaxSkew: 1, TopologyKey: key, WhenUnsatisfiable: corev1.ScheduleAnyway,
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{LabelJob: w.Job.Name, LabelEpoch: markEpoch}},
		})
	}
	return list
}

// tolerate has a pod leave a lost node soon, unless its template says something else of such nodes.
func tolerate(pod *corev1.PodSpec) {
	for _, taint := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		covers := func(t corev1.Toleration) bool {
			return (t.Key == taint || t.Key == "" && t.Operator == corev1.TolerationOpExists) && (t.Effect == "" || t.Effect == corev1.TaintEffectNoExecute)
		}
		if slices.ContainsFunc(pod.Tolerations, covers) {
			continue
		}
		seconds := int64(lostNodeSeconds)
		pod.Tolerations = append(pod.Tolerations, corev1.Toleration{
			Key: taint, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds,
		})
	}
}
