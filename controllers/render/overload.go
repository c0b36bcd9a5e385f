package render

import (
	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// overloadShed is the type of an overload policy that leaves records out.
const overloadShed = "Shed"

// ShedLagRecords is how far the job's source partitions may be behind their ends before they skip ahead; 0 is as far as it
// comes to.
func ShedLagRecords(job *v1alpha1.StreamJob) int64 {
	if o := job.Spec.Overload; o.Type == overloadShed && o.MaxLagRecords != nil {
		return *o.MaxLagRecords
	}
	return 0
}

// CheckOverload refuses a policy that the plan can't keep.
func CheckOverload(job *v1alpha1.StreamJob, plan *physical.Plan) error {
	made := plan.MadeTopics()
	if ShedLagRecords(job) == 0 || len(made) == 0 {
		return nil
	}
	return fault.New(fault.User, fault.InField("spec.overload"), "the rows of %s are made as they are due: none can be left out", made[0]).Do("take the field out")
}
