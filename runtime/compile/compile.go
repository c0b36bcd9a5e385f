package compile

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// Compile returns the plan of a job, valid and with its hashes. Errors in what the job's author wrote are *fault.Error
// of kind User, with the place in the text.
func Compile(job spec.Job) (*physical.Plan, error) {
	if job.MaxParallelism < 1 {
		return nil, fault.New(fault.User, fault.Place{}, "maxParallelism must be at least 1, not %d", job.MaxParallelism)
	}
	script, err := sql.Parse(job.File, job.SQL)
	if err != nil {
		return nil, err
	}
	program, err := logical.Bind(job, script)
	if err != nil {
		return nil, err
	}
	program = logical.Optimize(program)
	if err := acyclic(job, program); err != nil {
		return nil, err
	}
	plan, err := cut(job, program)
	if err != nil {
		return nil, err
	}
	if err := plan.Seal(); err != nil {
		return nil, err
	}
	return plan, plan.Validate()
}
