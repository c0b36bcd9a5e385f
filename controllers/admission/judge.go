package admission

import (
	"errors"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// MaxSQLBytes is the longest text that is compiled.
const MaxSQLBytes = 1 << 20

// Judge decides about changes. It keeps nothing, and may be used by many at once.
type Judge struct {
	// Compile compiles a job. An error of another kind than User is no reason to refuse anything.
	Compile func(spec.Job) (*physical.Plan, error)
	// WorkerImage is the image of workers where a job names no version.
	WorkerImage string
	// ClusterID begins the names of what jobs keep on Kafka.
	ClusterID string
}

// Plan compiles a job's query with the tables there are, for the version of workers that the job names, and checks what the rest of the
// spec asks of the plan.
func (j *Judge) Plan(job *v1alpha1.StreamJob, input spec.Job) (*physical.Plan, error) {
	if len(input.SQL) > MaxSQLBytes {
		return nil, fault.New(fault.User, fault.InField("spec.sql"), "the query has %d bytes, more than the %d that are compiled", len(input.SQL), MaxSQLBytes).Do("split the job")
	}
	plan, err := j.Compile(input)
	if err == nil && render.Image(j.WorkerImage, job) != j.WorkerImage {
		err = plan.SealAs(physical.OldestFormat) // spec.runtimeVersion names another version, which may be the one before
	}
	if err != nil {
		return nil, err
	}
	if err := render.CheckOverload(job, plan); err != nil {
		return nil, err
	}
	if err := render.CheckMode(job, plan); err != nil {
		return nil, err
	}
	if _, err := render.PlanConfigMap(job, 1, plan); err != nil {
		return nil, err
	}
	return plan, nil
}

// missingTable is what a compiler's error can do that is about a table that is not there.
type missingTable interface {
	error
	// MissingTable returns the table's name.
	MissingTable() string
}

// awaited returns the name of the StreamTopic that would cure an error by arriving, if one can.
func awaited(err error) (string, bool) {
	missing, ok := errors.AsType[missingTable](err)
	if !ok {
		return "", false
	}
	return render.TopicName(missing.MissingTable())
}

// Query is the obstacle of a query that has no plan.
func Query(err error) lifecycle.Obstacle {
	if topic, ok := awaited(err); ok {
		return lifecycle.Obstacle{
			Reason: v1alpha1.ReasonWaitingForTopics, Waiting: true, Message: "waits for the StreamTopic " + topic + ": " + err.Error(),
		}
	}
	return lifecycle.Obstacle{Reason: v1alpha1.ReasonInvalidQuery, Message: err.Error()}
}

// Template is the obstacle of a spec.template that can't be merged; none where it can.
func Template(job *v1alpha1.StreamJob) lifecycle.Obstacle {
	if err := template(job); err != nil {
		return lifecycle.Obstacle{Reason: v1alpha1.ReasonInvalidTemplate, Message: err.Error()}
	}
	return lifecycle.Obstacle{}
}

func template(job *v1alpha1.StreamJob) error {
	w := render.Workload{Job: job, Epoch: 1, StateEpoch: 1, Replicas: 1}
	_, err := w.Objects()
	return err
}

// isOurs says whether an error is not the mistake of who made the change.
func isOurs(err error) bool { return fault.KindOf(err) != fault.User }
