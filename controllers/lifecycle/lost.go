package lifecycle

import (
	"maps"
	"slices"
	"time"
)

const (
	// LostGrace is how long after the end of its time a pod that is being deleted may still be there: its node has not said that it is gone.
	LostGrace = 15 * time.Second
	// WorkingGrace is the same for one whose worker is in the job's group all the same: the node is lost to Kubernetes alone, and the worker works.
	WorkingGrace = 5 * time.Minute
)

// Member is a worker as the group knows it.
type Member struct {
	Ordinal int32
	// ID is the broker's name for this very process.
	ID string
}

// NeedsMembers says whether the decision depends on who is in the group: a worker does not run, or its node is lost.
func NeedsMembers(o *Observed) bool {
	return len(lost(o)) > 0 || len(away(o)) > 0
}

// lost lists the pods whose deletion is overdue.
func lost(o *Observed) []*Pod {
	var list []*Pod
	for i := range o.Pods {
		if o.Pods[i].Overdue >= LostGrace {
			list = append(list, &o.Pods[i])
		}
	}
	return list
}

// release lets go of pods on lost nodes, so that others take their place: a StatefulSet never has two of one name. They are fenced first. Kubernetes can't say
// that a process on such a node has ended, and need not: one that comes back to Kafka finds its transactional id and its place in the group
// taken, or takes them and is fenced by the next one. A worker of a former epoch was fenced before its successors began.
func release(o *Observed, epoch int64) []Action {
	var actions []Action
	for _, p := range lost(o) {
		if p.Epoch > epoch {
			continue
		}
		if p.Epoch == epoch {
			if o.Members == nil || o.Connection.Is() {
				continue
			}
			if _, works := o.Members[p.Ordinal]; works && p.Overdue < WorkingGrace {
				continue
			}
			actions = append(actions, Action{Kind: RemoveMembers, Ordinals: []int32{p.Ordinal}})
		}
		actions = append(actions, Action{Kind: ForgetPod, Pod: p.Name, UID: p.UID})
	}
	return actions
}

// away lists the wanted ordinals whose worker does not run, and won't within seconds.
func away(o *Observed) []int32 {
	s := &o.Job.Status
	if s.Epoch == 0 || s.Attempt != nil || s.Suspended != nil || s.Held != nil || s.CompletedAt != nil {
		return nil
	}
	found := map[int32]bool{}
	for n := range workers(o) {
		found[n] = true
	}
	for i := range o.Pods {
		if p := &o.Pods[i]; p.Epoch == s.Epoch && !p.Away {
			delete(found, p.Ordinal)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// evict takes workers that do not run out of the group, so that others have their tasks at once and not when the brokers have given them up. Each
// is named by the id of its process: one that began meanwhile stays.
func evict(o *Observed) []Action {
	var members []Member
	for _, n := range away(o) {
		if id, ok := o.Members[n]; ok {
			members = append(members, Member{Ordinal: n, ID: id})
		}
	}
	if len(members) == 0 || o.Connection.Is() {
		return nil
	}
	return []Action{{Kind: EvictMembers, Members: members}}
}
