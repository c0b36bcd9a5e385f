package lifecycle

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
)

// retain deletes the savepoints that spec.savepoints.retention does not keep.
func retain(o *Observed, d *Decision) {
	names, left := Surplus(o.Job, o.Records.List, o.Now)
	for _, name := range names {
		d.Actions = append(d.Actions, Action{Kind: DropRecord, Name: name})
	}
	if left > 0 && (d.RequeueAfter == 0 || left < d.RequeueAfter) {
		d.RequeueAfter = left
	}
}

// Surplus names the StreamSavepoints of a job that its retention does not keep, and says how long it is until the next one is too old; 0 where
// none becomes so.
func Surplus(job *v1alpha1.StreamJob, list []v1alpha1.StreamSavepoint, now time.Time) (names []string, left time.Duration) {
	if job.Spec.Savepoints == nil || job.Spec.Savepoints.Retention == nil {
		return nil, 0
	}
	r := job.Spec.Savepoints.Retention
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b v1alpha1.StreamSavepoint) int {
		return cmp.Or(since(&b).Compare(since(&a)), strings.Compare(b.Name, a.Name))
	})
	newest := slices.IndexFunc(sorted, func(s v1alpha1.StreamSavepoint) bool {
		return s.Status.Phase == v1alpha1.SavepointCompleted && s.DeletionTimestamp.IsZero() && s.Spec.Origin != v1alpha1.OriginTrial // which goes with its trial
	})
	rank := map[v1alpha1.SavepointPhase]int32{}
	for i := range sorted {
		s := &sorted[i]
		if !governed(r, s) {
			continue
		}
		rank[s.Status.Phase]++
		if i == newest || Needs(job, s.Name, s.Status.ID) || job.Status.Runtime != nil && job.Status.Runtime.RestoreFrom == s.Status.ID {
			continue
		}
		switch gone, in := expires(r, rank[s.Status.Phase], now.Sub(since(s))); {
		case gone:
			names = append(names, s.Name)
		case in > 0 && (left == 0 || in < left):
			left = in
		}
	}
	return names, left
}

// expires says whether the n-th newest savepoint is not kept at its age, and else how long it is until it is too old; 0 is never.
func expires(r *v1alpha1.SavepointRetention, n int32, age time.Duration) (gone bool, in time.Duration) {
	if r.MaxCount != nil && n > *r.MaxCount {
		return true, 0
	}
	if r.MaxAge == nil {
		return false, 0
	}
	return age >= r.MaxAge.Duration, max(0, r.MaxAge.Duration-age)
}

// governed says whether a savepoint is one that retention is about.
func governed(r *v1alpha1.SavepointRetention, s *v1alpha1.StreamSavepoint) bool {
	over := s.Status.Phase == v1alpha1.SavepointCompleted || s.Status.Phase == v1alpha1.SavepointFailed
	return over && s.DeletionTimestamp.IsZero() && s.Spec.DeletionPolicy == v1alpha1.DeletionDelete && slices.Contains(r.Origins, s.Spec.Origin)
}

// since is when a savepoint was there, or was asked for.
func since(s *v1alpha1.StreamSavepoint) time.Time {
	if s.Status.CompletedAt != nil {
		return s.Status.CompletedAt.Time
	}
	return s.CreationTimestamp.Time
}
