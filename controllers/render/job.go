package render

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
)

// Job is what the compiler takes: the job, and of the topics those of its namespace and connection that have a schema.
// Topics that are being deleted are no tables any more.
func Job(job *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic) (spec.Job, error) {
	out := spec.Job{
		Name: job.Name, SQL: job.Spec.SQL, File: "spec.sql",
		MaxParallelism: int(job.Spec.MaxParallelism), BadRows: spec.BadRows(job.Spec.BadRows.Type),
		Delivery: spec.Delivery(job.Spec.Delivery),
	}
	for i := range topics {
		topic := &topics[i]
		if topic.Namespace != job.Namespace || topic.Spec.ConnectionRef != job.Spec.ConnectionRef ||
			topic.Spec.Schema == nil || !topic.DeletionTimestamp.IsZero() {
			continue
		}
		table, err := Table(topic)
		if err != nil {
			return spec.Job{}, err
		}
		out.Tables = append(out.Tables, table)
	}
	slices.SortFunc(out.Tables, func(a, b spec.Table) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// InputHash identifies what a plan is compiled from: jobs with the same one have the same query and tables.
func InputHash(input spec.Job) (string, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return "", fault.Wrap(fault.Bug, err, "encode the compiler's input")
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}
