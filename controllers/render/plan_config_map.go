package render

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// maxPlanBytes is what a ConfigMap can hold, with room for the rest of the object.
const maxPlanBytes = 1 << 20 * 9 / 10

// PlanConfigMap holds the plan of an epoch. It can't be changed: another plan is another epoch.
func PlanConfigMap(job *v1alpha1.StreamJob, epoch int64, plan *physical.Plan) (*corev1.ConfigMap, error) {
	document, err := json.Marshal(plan)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode the plan")
	}
	if len(document) > maxPlanBytes {
		return nil, fault.New(fault.User, fault.InField("spec.sql"), "the plan takes %d bytes, more than the %d that fit into a ConfigMap",
			len(document), maxPlanBytes).Do("split the job")
	}
	yes := true
	w := Workload{Job: job}
	m := &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: w.meta(EpochName(job.Name, epoch), epoch),
		Immutable:  &yes,
		Data:       map[string]string{PlanKey: string(document)},
	}
	m.Annotations = map[string]string{AnnotationPlanHash: plan.Hash}
	return m, nil
}

// ReadPlan decodes the plan of a ConfigMap that PlanConfigMap made.
func ReadPlan(m *corev1.ConfigMap) (*physical.Plan, error) {
	plan := &physical.Plan{}
	if err := json.Unmarshal([]byte(m.Data[PlanKey]), plan); err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "decode the plan of ConfigMap %s", m.Name)
	}
	return plan, nil
}

// StoredPlan says whose plan the status of a job goes by, and what its hash is: the attempt's, or else the running epoch's. The epoch is 0
// for a job that has neither.
func StoredPlan(job *v1alpha1.StreamJob) (epoch int64, hash string) {
	switch s := &job.Status; {
	case s.Attempt != nil && !s.Attempt.Kind.Stops():
		return s.Attempt.Epoch, s.Attempt.Runtime.PlanHash
	case s.Runtime != nil:
		return s.Epoch, s.Runtime.PlanHash
	default:
		return 0, ""
	}
}
