package render

import "github.com/millrace/millrace/api/v1alpha1"

// Durability is how a job's internal topics are replicated: replicas and min.insync.replicas, 0 for the brokers' default.
func Durability(job *v1alpha1.StreamJob) (replicas, minInSync int32) {
	t := job.Spec.InternalTopics
	if t == nil {
		return 0, 0
	}
	if t.Replicas != nil {
		replicas = *t.Replicas
	}
	if t.MinInSyncReplicas != nil {
		minInSync = *t.MinInSyncReplicas
	}
	return replicas, minInSync
}
