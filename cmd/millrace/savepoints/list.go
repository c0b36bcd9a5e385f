package savepoints

import (
	"context"
	"fmt"
	"time"

	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/snapshot"
)

// item is a savepoint in the list.
type item struct {
	Job            string            `json:"job"`
	ID             string            `json:"id"`
	Kind           string            `json:"kind,omitempty"`
	TakenAt        *time.Time        `json:"takenAt,omitempty"`
	Epoch          int64             `json:"epoch,omitempty"`
	MaxParallelism int               `json:"maxParallelism,omitempty"`
	Operators      int               `json:"operators"`
	Totals         *savepoint.Totals `json:"totals,omitempty"`
	// Error says why it can't be read.
	Error string `json:"error,omitempty"`
}

// List prints the savepoints there are, the newest first. Damaged ones are in the list.
func List(ctx context.Context, o Options) error {
	return o.with(ctx, func(blobs snapshot.Blobs) error {
		list, err := savepoint.List(ctx, blobs, o.Job)
		if err != nil {
			return err
		}
		items := make([]item, len(list))
		for i, e := range list {
			items[i] = item{Job: e.Job, ID: e.ID}
			if e.Err != nil {
				items[i].Error = e.Err.Error()
			} else {
				m := e.Manifest
				items[i] = item{
					Job: e.Job, ID: e.ID, Kind: m.Kind, TakenAt: &m.TakenAt, Epoch: m.Epoch, MaxParallelism: m.MaxParallelism,
					Operators: len(m.Operators), Totals: &m.Totals,
				}
			}
		}
		if o.Layout == JSON {
			return o.printJSON(items)
		}
		return o.printList(items)
	})
}

func (o *Options) printList(items []item) error {
	if len(items) == 0 {
		_, err := fmt.Fprintln(o.Stderr, "no savepoints")
		return err
	}
	w := table(o.Stdout)
	w.line("ID", "JOB", "KIND", "TAKEN", "EPOCH", "OPERATORS", "ROWS", "SIZE", "STATE")
	for _, i := range items {
		if i.Error != "" {
			w.line(i.ID, i.Job, "-", "-", "-", "-", "-", "-", "damaged: "+i.Error)
			continue
		}
		w.line(i.ID, i.Job, or(i.Kind), moment(*i.TakenAt), number(i.Epoch), number(int64(i.Operators)), number(i.Totals.Rows), size(i.Totals.Bytes), "complete")
	}
	return w.w.Flush()
}
