package render

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// savepointsFlag names the worker's flag for the place of savepoints.
const savepointsFlag = "--savepoints="

// savepointArgs say where savepoints are, and leave a place for which one the state epoch begins from.
func (w *Workload) savepointArgs() []string {
	s := w.Job.Spec.Savepoints
	if s == nil {
		return nil
	}
	return []string{savepointsFlag + s.URL, markRestore}
}

// restoreArgs say which savepoint the state epoch begins from. They stay the same as long as the epoch runs, so that no pod is replaced for them:
// once something is committed a worker takes no notice of the savepoint.
func (w *Workload) restoreArgs() []string {
	if w.RestoreFrom == "" {
		return nil
	}
	list := []string{"--restore-from=" + w.RestoreFrom}
	if w.RestoreExactly {
		list = append(list, "--restore-exactly")
	}
	if w.DropRemoved {
		list = append(list, "--drop-removed-state")
	}
	return list
}

// SavepointsOf returns where a worker pod writes savepoints to; empty is nowhere.
func SavepointsOf(pod *corev1.PodSpec) string {
	for i := range pod.Containers {
		if pod.Containers[i].Name != WorkerContainer {
			continue
		}
		for _, arg := range pod.Containers[i].Args {
			if url, ok := strings.CutPrefix(arg, savepointsFlag); ok {
				return url
			}
		}
	}
	return ""
}
