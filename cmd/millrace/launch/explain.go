package launch

import (
	"cmp"
	"context"
	"strings"

	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/worker"
)

// Explain prints the plan of a job, stage by stage, and what it asks of Kafka; nothing runs.
func Explain(ctx context.Context, o Options) error {
	j, err := load(ctx, &o)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(physical.Explain(j.plan) + "\n")
	workers, interval := cmp.Or(o.Parallelism, j.parallelism), cmp.Or(j.commitInterval, worker.DefaultCommitInterval)
	j.plan.Load(workers, interval, j.partitions).Explain(&b)
	_, err = o.Stdout.Write([]byte(b.String()))
	return err
}
