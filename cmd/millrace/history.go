package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/cluster"
)

// suspendPatience is more than a savepoint's own deadline and the start of workers take by default.
const suspendPatience = 15 * time.Minute

// versionCommands are those about the versions of a job, and about stopping it.
func versionCommands() []*cobra.Command {
	return []*cobra.Command{historyCommand(), rollbackCommand(), suspendJobCommand(), resumeJobCommand(), restartCommand()}
}

const historyLong = `List the versions of a job that the operator has recorded, the oldest first: how
old each is, its plan, which fields of the spec it changed in the one before it,
and what became of it. With --revision show one as YAML, or with --diff what it
changed, line by line.`

func historyCommand() *cobra.Command {
	var o cluster.HistoryOptions
	c := jobCommand("history JOB", "List a job's versions, or show one", historyLong, "  millrace history delays\n  millrace history delays --revision 2 --diff", cobra.ExactArgs(1),
		func(ctx context.Context, c *cluster.Cluster, args []string) error {
			if o.Diff && o.Revision == 0 {
				return &usageError{errors.New("--diff shows what a version changed: give its number by --revision")}
			}
			o.Job, o.Now, o.Stdout = args[0], time.Now(), os.Stdout
			return c.History(ctx, o)
		})
	c.Flags().Int64Var(&o.Revision, "revision", 0, "the version to show, by its number; default: list all")
	c.Flags().BoolVar(&o.Diff, "diff", false, "with --revision: show what the version changed in the one before it")
	outputFlag(c, &o.Layout, "json or yaml, for the ControllerRevisions; default: for people")
	return c
}

const rollbackLong = `Make a job's spec that of a version that ran before, as an edit would: the state
is carried over by a savepoint, and where it can't be, nothing is changed. What
becomes of the state is said first. The number of workers stays, and so does
what says how changes are made. If the manifest is kept elsewhere, such as in
git, take the change back there: whoever applies it would undo the rollback.`

func rollbackCommand() *cobra.Command {
	var o cluster.RollbackOptions
	var dry string
	c := jobCommand("rollback JOB", "Take a job back to a version that ran before", rollbackLong, "  millrace rollback delays\n  millrace rollback delays --to-revision 2 --dry-run=server", cobra.ExactArgs(1),
		func(ctx context.Context, c *cluster.Cluster, args []string) error {
			if dry != "none" && dry != "server" {
				return &usageError{fmt.Errorf("--dry-run is none or server, not %q: only the server knows what becomes of the state", dry)}
			}
			o.Job, o.DryRun, o.Stdout, o.Stderr = args[0], dry == "server", os.Stdout, os.Stderr
			return c.Rollback(ctx, o)
		})
	c.Flags().Int64Var(&o.Revision, "to-revision", 0, "the version to go back to, by its number; default: the last that ran before")
	c.Flags().StringVar(&dry, "dry-run", "none", "server: only ask what becomes of the state; none: do it")
	return c
}

const suspendLong = `Stop a job and take its workers away: by a savepoint where it has state and
spec.savepoints, from which it goes on however long it was suspended. Waits until
the job rests; if the savepoint fails the job goes on, and that is the error.`

func suspendJobCommand() *cobra.Command {
	return stopCommand("suspend JOB", "Stop a job until it is resumed", suspendLong, "  millrace suspend delays", func(ctx context.Context, c *cluster.Cluster, o cluster.SuspendOptions) error {
		return c.Suspend(ctx, o)
	})
}

const resumeLong = `Let a job go on that was suspended, from where it stopped. Waits until all its
workers run.`

func resumeJobCommand() *cobra.Command {
	return stopCommand("resume JOB", "Let a suspended job go on", resumeLong, "  millrace resume delays --timeout 2m", func(ctx context.Context, c *cluster.Cluster, o cluster.SuspendOptions) error {
		return c.Resume(ctx, o)
	})
}

const restartLong = `Replace a job's workers one by one, by those that the operator at hand makes. An
upgrade of the operator leaves image and pods of a running job as they are: this
takes them up. The change is an annotation in spec.template. Waits until all
workers are new ones.`

func restartCommand() *cobra.Command {
	return stopCommand("restart JOB", "Replace a job's workers by the operator's newest", restartLong, "  millrace restart delays", func(ctx context.Context, c *cluster.Cluster, o cluster.SuspendOptions) error {
		return c.Restart(ctx, o, time.Now())
	})
}

func stopCommand(use, short, long, example string, do func(context.Context, *cluster.Cluster, cluster.SuspendOptions) error) *cobra.Command {
	var o cluster.SuspendOptions
	c := jobCommand(use, short, long, example, cobra.ExactArgs(1), func(ctx context.Context, c *cluster.Cluster, args []string) error {
		o.Job, o.Stdout, o.Stderr = args[0], os.Stdout, os.Stderr
		return do(ctx, c, o)
	})
	c.Flags().BoolVar(&o.NoWait, "no-wait", false, "leave as soon as the operator has been asked")
	c.Flags().DurationVar(&o.Timeout, "timeout", suspendPatience, "how long to wait; the operator goes on when it is over")
	return c
}
