package lifecycle

import "slices"

// replace picks the pods of an older revision that make way now: of those that can't run all, since nobody works there; else one that is not
// ready at once, one that is ready only when all pods work, and never two.
func replace(o *Observed, epoch int64) []Action {
	settled := slices.ContainsFunc(o.Workloads, func(w Workload) bool { return w.Epoch == epoch && w.Settled })
	if !settled {
		return nil
	}
	if broken := broken(o, epoch); len(broken) > 0 {
		return broken
	}
	if slices.ContainsFunc(o.Pods, func(p Pod) bool { return p.Epoch == epoch && p.Terminating }) {
		return nil
	}
	candidate := oldest(o, epoch)
	healthy := int32(0)
	for i := range o.Pods {
		if o.Pods[i].Epoch == epoch && o.Pods[i].Ready {
			healthy++
		}
	}
	if candidate == nil || candidate.Ready && healthy < workers(o) {
		return nil
	}
	return []Action{{Kind: DeletePod, Pod: candidate.Name}}
}

// oldest is the pod of an older revision that goes next: one that is not ready, else the one of the highest ordinal.
func oldest(o *Observed, epoch int64) *Pod {
	var candidate *Pod
	for i := range o.Pods {
		p := &o.Pods[i]
		if p.Epoch != epoch || p.Current {
			continue
		}
		if candidate == nil || candidate.Ready && (!p.Ready || p.Ordinal > candidate.Ordinal) {
			candidate = p
		}
	}
	return candidate
}

// broken deletes the pods of an older revision that can't run. A StatefulSet with OnDelete leaves them as they are, whatever its template says by now.
func broken(o *Observed, epoch int64) []Action {
	var list []Action
	for i := range o.Pods {
		if p := &o.Pods[i]; p.Epoch == epoch && !p.Current && !p.Ready && !p.Terminating && p.Trouble.Is() {
			list = append(list, Action{Kind: DeletePod, Pod: p.Name})
		}
	}
	return list
}
