package compile

import (
	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// Tables returns the tables of a job with all their columns: those that it was given, and those that its SQL declares. A
// plan holds only what the job reads.
func Tables(job spec.Job) ([]spec.Table, error) {
	script, err := sql.Parse(job.File, job.SQL)
	if err != nil {
		return nil, err
	}
	return logical.Tables(job, script)
}
