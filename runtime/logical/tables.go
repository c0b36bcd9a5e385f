package logical

import (
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// Tables returns the tables that a script may name, with all their columns: the job's, and then those that the script
// declares. Errors are those of Bind.
func Tables(job spec.Job, script *sql.Script) ([]spec.Table, error) {
	b := &binder{file: job.File, sink: job.DefaultSink, catalogue: newCatalogue(job.Tables)}
	tables := append([]spec.Table(nil), job.Tables...)
	for _, s := range script.Statements {
		declared, ok := s.(*sql.CreateTable)
		if !ok {
			continue
		}
		t, err := b.declare(declared)
		if err != nil {
			return nil, err
		}
		tables = append(tables, *t)
	}
	return tables, nil
}
