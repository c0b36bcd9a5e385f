package kafkaadmin

import (
	"context"
	"time"

	"github.com/millrace/millrace/controllers/savepointplan"
	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/physical"
)

// SavepointMade says how far a savepoint is of a job that goes on, by the job's control topic.
func (c *Cluster) SavepointMade(ctx context.Context, names physical.Topics, id string, now time.Time) (savepointplan.Made, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	log, err := c.commands(ctx, names)
	if err != nil {
		return savepointplan.Made{}, err
	}
	asked, found := log.Find(id)
	_, busy := log.Active(now)
	made := savepointplan.Made{State: savepointplan.Asked, Deadline: asked.Deadline, Cut: asked.State == command.Writing}
	switch {
	case !found && busy:
		made = savepointplan.Made{State: savepointplan.Busy}
	case !found:
		made = savepointplan.Made{State: savepointplan.Absent}
	case asked.State == command.Failed:
		made = savepointplan.Made{State: savepointplan.Failed, Reason: asked.Reason}
	case asked.State == command.Finished:
		made = savepointplan.Made{State: savepointplan.Finished, Rows: asked.Rows, Bytes: asked.Bytes}
	}
	return made, nil
}

// AskSavepoint asks a job that goes on for a savepoint by the deadline. It asks nothing where that was asked already, or while the job is at
// work for another one: that would fail this one for good.
func (c *Cluster) AskSavepoint(ctx context.Context, names physical.Topics, id string, now, deadline time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	log, err := c.commands(ctx, names)
	if err != nil {
		return err
	}
	_, found := log.Find(id)
	if _, busy := log.Active(now); found || busy {
		return nil
	}
	return c.say(ctx, names, command.Record{Kind: command.Savepoint, ID: id, At: now, Deadline: deadline})
}
