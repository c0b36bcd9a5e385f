package program

import (
	"io"
	"log/slog"

	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/worker"
)

// Configured is what a command line says of a worker.
type Configured struct {
	// Worker lacks what has to be opened: the state's backend, the stores, and what makes the connection to Kafka secure.
	Worker worker.Config
	// Savepoints and Snapshots are where they are, as URLs; empty is nowhere.
	Savepoints, Snapshots string
}

// Configure reads a worker's command line, for those who run workers in a process of their own: mistakes are User errors, as they are on a
// command line, and out gets what would be printed of them. The plan is taken in place of the file that the flags name.
func Configure(args []string, plan *physical.Plan, out io.Writer, log *slog.Logger) (Configured, error) {
	s, err := parse(args, out)
	if err != nil {
		return Configured{}, err
	}
	c := Configured{Worker: s.config(plan, log), Savepoints: s.savepoints, Snapshots: s.snapshots}
	c.Worker.Savepoints.RestoreFrom, c.Worker.Savepoints.RestoreExactly, c.Worker.Savepoints.DropRemoved = s.restoreFrom, s.restoreExactly, s.dropRemoved
	return c, nil
}
