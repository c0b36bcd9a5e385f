package admission

import (
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// Job judges a StreamJob that is created (old is nil) or changed. Topics are the namespace's; running is the plan that runs, nil where there
// is none or it was not found.
func (j *Judge) Job(now, old *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic, running *physical.Plan) Answer {
	var a Answer
	if Settled(now) || old != nil && equality.Semantic.DeepEqual(now.Spec, old.Spec) {
		return a
	}
	a.parallelism(now, now.Spec.Parallelism, "spec.parallelism")
	a.schedules(now, old)
	if a.batch(now, old); old != nil && old.Status.CompletedAt != nil {
		return a
	}
	if o := Template(now); o.Is() {
		touched := old == nil || !equality.Semantic.DeepEqual(now.Spec.Template, old.Spec.Template)
		a.object(o, template(now), "spec.template", touched)
	}
	input, err := render.Job(now, topics)
	if err != nil { // of a table, which is another object
		a.unchecked("spec.sql", err)
		return a
	}
	touched := old == nil || asks(now, topics) != asks(old, topics)
	plan, err := j.Plan(now, input)
	if err != nil {
		a.query(err, touched)
		return a
	}
	warnings := concerns(now, topics, plan)
	if touched {
		a.Warnings = append(a.Warnings, warnings...)
		a.follow(now, input, running, plan)
		return a
	}
	before := concerns(old, topics, plan) // was said when that was applied
	a.Warnings = append(a.Warnings, slices.DeleteFunc(warnings, func(w string) bool { return slices.Contains(before, w) })...)
	return a
}

// Settled says that there is nothing to judge: the object is being deleted, or its user does not want to be told.
func Settled(now metav1.Object) bool {
	return now.GetDeletionTimestamp() != nil || now.GetLabels()[v1alpha1.LabelAdmission] == v1alpha1.AdmissionSkip
}

// asks is all of a spec that its plan follows from, as a value to compare.
func asks(job *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic) string {
	input, err := render.Job(job, topics)
	if err != nil {
		return ""
	}
	hash, err := render.InputHash(input)
	if err != nil {
		return ""
	}
	o := job.Spec.Overload
	return hash + " " + o.Type + " " + job.Spec.RuntimeVersion
}

// query is about a query that has no plan.
func (a *Answer) query(err error, touched bool) {
	if isOurs(err) {
		a.unchecked("spec.sql", err)
		return
	}
	a.object(Query(err), err, "spec.sql", touched)
}

// follow is about a plan that is to follow the one that runs.
func (a *Answer) follow(job *v1alpha1.StreamJob, input spec.Job, running, plan *physical.Plan) {
	epoch, _ := render.StoredPlan(job)
	if from := job.Spec.RestoreFrom; epoch == 0 && from != "" && !plan.HasControl() {
		o := lifecycle.BeginsFromNone(int32(plan.Format)) //nolint:gosec // a small constant
		a.object(o, fault.New(fault.User, fault.InField("spec.runtimeVersion"), "%s", o.Message).Do("or take spec.restoreFrom out"), "spec.runtimeVersion", true)
	}
	if epoch == 0 || sameInput(job, input) {
		return
	}
	if running == nil {
		a.warn("spec.sql was not compared with what runs: the plan of epoch " + strconv.FormatInt(epoch, 10) + " was not found")
		return
	}
	if warning := back(job, running, plan); warning != "" {
		a.warn("spec.sql: " + warning)
		return
	}
	o, warning := upgrade(job, running, plan)
	switch {
	case o.Is():
		a.object(o, fault.New(fault.User, fault.InField("spec.sql"), "%s", o.Message).Do("take the change back, or say in spec.upgrade what may be given up"), "spec.sql", true)
	case warning != "":
		a.warn("spec.sql: " + warning)
	}
}

// sameInput says whether the plan that runs was compiled from just this: then no other one follows it, though another version of the compiler
// might make another one.
func sameInput(job *v1alpha1.StreamJob, input spec.Job) bool {
	hash, err := render.InputHash(input)
	return err == nil && job.Status.Attempt == nil && job.Status.Runtime != nil && job.Status.Runtime.InputHash == hash
}
