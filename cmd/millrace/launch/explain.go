package launch

import (
	"context"
	"io"

	"github.com/millrace/millrace/runtime/physical"
)

// Explain prints the plan of a job, stage by stage; nothing runs.
func Explain(ctx context.Context, o Options) error {
	j, err := load(ctx, &o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(o.Stdout, physical.Explain(j.plan))
	return err
}
