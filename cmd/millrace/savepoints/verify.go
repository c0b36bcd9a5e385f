package savepoints

import (
	"context"
	"fmt"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/snapshot"
)

// verified is what Verify prints as JSON.
type verified struct {
	Job    string           `json:"job"`
	ID     string           `json:"id"`
	Totals savepoint.Totals `json:"totals"`
	// Errors are one for each damaged file.
	Errors []string `json:"errors"`
}

// Verify reads all of a savepoint. One that is damaged is an error of kind Corrupt that says which files are.
func Verify(ctx context.Context, o Options) error {
	return o.with(ctx, func(blobs snapshot.Blobs) error {
		m, err := o.find(ctx, blobs)
		if err != nil {
			return err
		}
		out := verified{Job: m.Job, ID: m.ID, Errors: []string{}}
		err = savepoint.Verify(ctx, blobs, parquet.Files{}, m, func(f savepoint.File) {
			out.Totals.Files, out.Totals.Bytes, out.Totals.Rows = out.Totals.Files+1, out.Totals.Bytes+f.Size, out.Totals.Rows+f.Rows
		})
		if err != nil && fault.KindOf(err) != fault.Corrupt {
			return err
		}
		if err != nil {
			out.Errors = strings.Split(err.Error(), "\n")
		}
		if o.Layout == JSON {
			if e := o.printJSON(out); e != nil {
				return e
			}
		} else if err == nil {
			_, e := fmt.Fprintf(o.Stdout, "savepoint %s is whole: %d rows, %s in %d files\n", m.ID, out.Totals.Rows, size(out.Totals.Bytes), out.Totals.Files)
			return e
		}
		if err != nil {
			return fault.New(fault.Corrupt, fault.Place{}, "savepoint %s is damaged:\n%s", m.ID, err.Error()).Do("take another one, or start from an older one")
		}
		return nil
	})
}
