package render

import (
	"strconv"
	"strings"
)

// The labels that the operator finds its objects by, and the container that templates merge with.
const (
	// LabelJob is the label with the job's name.
	LabelJob = "millrace.dev/job"
	// LabelEpoch is the label with the epoch of an object that belongs to one.
	LabelEpoch = "millrace.dev/epoch"
	// WorkerContainer is the name of the worker's container.
	WorkerContainer = "worker"
	// PlanKey is the key of the plan document in the ConfigMap.
	PlanKey = "plan.json"
	// AnnotationPlanHash is the annotation with the plan's hash on the ConfigMap.
	AnnotationPlanHash = "millrace.dev/plan-hash"
)

// EpochName names the objects of an epoch.
func EpochName(job string, epoch int64) string { return job + "-" + strconv.FormatInt(epoch, 10) }

// WorkerName names the objects that a job has one of for all its life.
func WorkerName(job string) string { return job + "-worker" }

// Prefix names a job on Kafka. The cluster id is never empty.
func Prefix(clusterID, namespace, job string) string { return clusterID + "." + namespace + "." + job }

// Internal says whether a topic's name is that of a topic that a job keeps for itself, "<clusterID>.<namespace>.<job>.<epoch>.<name>", and of which
// namespace's. Neither part has a dot, so that no two jobs share a name.
func Internal(clusterID, topic string) (namespace string, is bool) {
	parts := strings.SplitN(topic, ".", 5)
	if len(parts) < 5 || parts[0] != clusterID {
		return "", false
	}
	_, err := strconv.ParseUint(parts[3], 10, 63)
	return parts[1], err == nil
}

// labels are on all objects of a job; an epoch of 0 leaves its label out.
func labels(job string, epoch int64) map[string]string {
	l := selector(job, epoch)
	l["app.kubernetes.io/name"] = "millrace-worker"
	l["app.kubernetes.io/instance"] = job
	l["app.kubernetes.io/component"] = "worker"
	l["app.kubernetes.io/managed-by"] = "millrace"
	return l
}

// marked are the labels of what runs in any epoch.
func marked(job string) map[string]string {
	l := labels(job, 0)
	l[LabelEpoch] = markEpoch
	return l
}

func selector(job string, epoch int64) map[string]string {
	l := map[string]string{LabelJob: job}
	if epoch > 0 {
		l[LabelEpoch] = strconv.FormatInt(epoch, 10)
	}
	return l
}
