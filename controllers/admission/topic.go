package admission

import (
	"reflect"
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/topicplan"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// Reader is a StreamJob of the namespace of a topic, with the plan that it runs, nil where there is none or it was not found.
type Reader struct {
	Job     *v1alpha1.StreamJob
	Running *physical.Plan
}

// schemaField is the field that a table is made from.
const schemaField = "spec.schema"

// reasonBreaksJob is the reason of a schema that a job can't live with; no condition has it, since such a topic is not stored.
const reasonBreaksJob = "BreaksJob"

// Names says whether a job's SQL may name the table of a topic. Where it says no, a change of the topic is nothing to the job.
func Names(job *v1alpha1.StreamJob, topic *v1alpha1.StreamTopic) bool {
	return job.Spec.ConnectionRef == topic.Spec.ConnectionRef && job.DeletionTimestamp == nil &&
		strings.Contains(job.Spec.SQL, render.TableName(topic.Name))
}

// Topic judges a StreamTopic that is created (old is nil) or changed. Topics are the namespace's as they are stored, readers its jobs. A
// change that would break a job is refused; a topic that is new is not, since the job goes on with the plan that it has.
func (j *Judge) Topic(now, old *v1alpha1.StreamTopic, topics []v1alpha1.StreamTopic, readers []Reader) Answer {
	var a Answer
	if Settled(now) {
		return a
	}
	if namespace, is := render.Internal(j.ClusterID, now.Topic()); is && namespace != now.Namespace {
		cause := fault.New(fault.User, fault.InField("spec.topicName"), "%s", topicplan.Foreign(now, namespace).Message)
		a.object(lifecycle.Obstacle{Reason: v1alpha1.ReasonResourceConflict, Message: cause.Error()}, cause, "spec.topicName", old == nil)
		if a.Refused() {
			return a
		}
	}
	if old != nil && sameTable(now, old) {
		return a
	}
	if now.Spec.Schema != nil {
		if _, err := render.Table(now); err != nil {
			a.object(lifecycle.Obstacle{Reason: reasonBreaksJob, Message: err.Error()}, err, schemaField, true)
			return a
		}
	}
	with := make([]v1alpha1.StreamTopic, 0, len(topics)+1)
	var without []v1alpha1.StreamTopic
	for i := range topics {
		if topics[i].Name != now.Name {
			without = append(without, topics[i])
		}
	}
	with = append(append(with, without...), *now)
	before := without
	if old != nil {
		before = append(append([]v1alpha1.StreamTopic{}, without...), *old)
	}
	for _, r := range readers {
		if Names(r.Job, now) {
			j.reader(&a, r, before, with, old != nil)
		}
	}
	return a
}

// sameTable says whether two versions of a topic are the same table.
func sameTable(now, old *v1alpha1.StreamTopic) bool {
	if now.Spec.Schema == nil || old.Spec.Schema == nil {
		return now.Spec.Schema == old.Spec.Schema
	}
	a, err := render.Table(now)
	if err != nil {
		return false
	}
	b, err := render.Table(old)
	return err == nil && reflect.DeepEqual(a, b)
}

// compiled is what comes of a job with some tables.
func (j *Judge) compiled(job *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic) (spec.Job, *physical.Plan, error) {
	input, err := render.Job(job, topics)
	if err != nil {
		return input, nil, err
	}
	plan, err := j.Plan(job, input)
	return input, plan, err
}

// reader judges what a change of a topic does to one job. Binding says that it is refused where it breaks the job.
func (j *Judge) reader(a *Answer, r Reader, before, with []v1alpha1.StreamTopic, binding bool) {
	who := "StreamJob " + r.Job.Name
	input, plan, err := j.compiled(r.Job, with)
	_, was, errBefore := j.compiled(r.Job, before)
	for _, e := range []error{err, errBefore} {
		if e != nil && isOurs(e) {
			a.unchecked(who, e)
			return
		}
	}
	if err != nil {
		if _, waits := awaited(err); waits && errBefore != nil {
			return // it waits, as before
		}
		a.breaks(who+" names this table and would not compile: "+err.Error(), err, binding && errBefore == nil)
		return
	}
	if r.Running == nil || sameInput(r.Job, input) || errBefore != nil || was.StateHash != r.Running.StateHash {
		return // it has no state, or does not follow its spec as it is
	}
	o, warning := upgrade(r.Job, r.Running, plan)
	switch {
	case o.Is():
		a.breaks(who+" names this table, and "+o.Message, nil, binding)
	case warning != "":
		a.breaks(who+" names this table, and "+warning, nil, false)
	}
}

// breaks refuses what would break a job, or warns of it.
func (a *Answer) breaks(message string, cause error, refuse bool) {
	o := lifecycle.Obstacle{Reason: reasonBreaksJob, Message: message}
	if !refuse {
		a.warn(message)
		return
	}
	hint := remedy(cause)
	if hint == "" {
		hint = "take the change back, or change the job first"
	}
	place := fault.New(fault.User, fault.InField(schemaField), "%s", message).Do("%s", hint)
	a.object(o, place, schemaField, true)
}
