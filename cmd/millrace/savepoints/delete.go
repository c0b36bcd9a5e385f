package savepoints

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/snapshot"
)

// deleted is what Delete prints as JSON.
type deleted struct {
	Job   string `json:"job"`
	ID    string `json:"id"`
	Blobs int    `json:"blobs"`
}

// Delete deletes a savepoint. With a job it need not be whole: what was left of one is deleted as well.
func Delete(ctx context.Context, o Options) error {
	return o.with(ctx, func(blobs snapshot.Blobs) error {
		job := o.Job
		if job == "" {
			m, err := o.find(ctx, blobs)
			var f *fault.Error
			if errors.As(err, &f) && f.Remedy == "" {
				return f.Do("say by --job whose it is to delete it nevertheless")
			}
			if err != nil {
				return err
			}
			job = m.Job
		}
		n, err := savepoint.Delete(ctx, blobs, job, o.ID)
		if err != nil {
			return err
		}
		if o.Layout == JSON {
			return o.printJSON(deleted{Job: job, ID: o.ID, Blobs: n})
		}
		_, err = fmt.Fprintf(o.Stdout, "deleted savepoint %s of %s, %d blobs\n", o.ID, job, n)
		return err
	})
}
