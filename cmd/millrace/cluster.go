package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	defaultTail       = 2000
	completionTimeout = 3 * time.Second
)

// clusterCommands are those about jobs that run on Kubernetes.
func clusterCommands() []*cobra.Command {
	return append([]*cobra.Command{
		statusCommand(), logsCommand(), planCommand(), scaleCommand(), lagCommand(), reportCommand(), savepointsCommand(),
	}, versionCommands()...)
}

// jobCommand makes a command about one job of a cluster.
func jobCommand(use, short, long, example string, args cobra.PositionalArgs, do func(ctx context.Context, c *cluster.Cluster, args []string) error) *cobra.Command {
	access := cluster.NewAccess()
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, GroupID: groupCluster, Args: usage(args),
		RunE: func(c *cobra.Command, list []string) error {
			reached, err := access.Open()
			if err != nil {
				return err
			}
			return do(c.Context(), reached, list)
		},
		ValidArgsFunction: func(c *cobra.Command, list []string, _ string) ([]string, cobra.ShellCompDirective) {
			return jobNames(c.Context(), access, list)
		},
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	access.Flags(c.Flags())
	return c
}

// usage makes what is wrong with arguments a mistake on the command line.
func usage(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, list []string) error {
		if err := args(c, list); err != nil {
			return &usageError{err}
		}
		return nil
	}
}

// jobNames completes the name of a job.
func jobNames(ctx context.Context, access *cluster.Access, list []string) ([]string, cobra.ShellCompDirective) {
	if len(list) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	reached, err := access.Open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	names, err := reached.Names(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

const statusLong = `List the StreamJobs of a namespace, or show one in detail: its phase and why,
its epoch, workers, lag and watermark, its conditions, and what the cluster has
said of it last.`

func statusCommand() *cobra.Command {
	var o cluster.StatusOptions
	c := jobCommand("status [JOB]", "List jobs, or show one in detail", statusLong, "  millrace status\n  millrace status delays -n prod", cobra.MaximumNArgs(1),
		func(ctx context.Context, c *cluster.Cluster, args []string) error {
			if len(args) > 0 {
				o.Job = args[0]
			}
			if o.All && o.Job != "" {
				return &usageError{fmt.Errorf("--all-namespaces lists jobs, and %s is one", o.Job)}
			}
			o.Now, o.Stdout, o.Stderr = time.Now(), os.Stdout, os.Stderr
			return c.Status(ctx, o)
		})
	c.Flags().BoolVarP(&o.All, "all-namespaces", "A", false, "list the jobs of all namespaces")
	outputFlag(c, &o.Layout, "wide, json or yaml; default: for people")
	return c
}

func logsCommand() *cobra.Command {
	var o cluster.LogsOptions
	c := jobCommand("logs JOB", "Print what a job's workers say", "Print the logs of all workers of a job, each line behind the name of its pod.",
		"  millrace logs delays -f --tail 20", cobra.ExactArgs(1), func(ctx context.Context, c *cluster.Cluster, args []string) error {
			o.Job, o.Stdout, o.Stderr = args[0], os.Stdout, os.Stderr
			return c.Logs(ctx, o)
		})
	f := c.Flags()
	f.BoolVarP(&o.Follow, "follow", "f", false, "go on, with workers that come later too, until interrupted")
	f.BoolVarP(&o.Previous, "previous", "p", false, "print what containers said before their last restart")
	f.Int64Var(&o.Tail, "tail", -1, "number of lines of each worker to begin with; default: all")
	f.DurationVar(&o.Since, "since", 0, "print what is not older, as 5m; default: all")
	return c
}

const planLong = `Print the plan that a job's workers run, as explain prints that of a manifest:
it is what the operator has compiled, and comes from the ConfigMap of the epoch.`

func planCommand() *cobra.Command {
	var o cluster.PlanOptions
	c := jobCommand("plan JOB", "Show the plan that a job runs", planLong, "  millrace plan delays", cobra.ExactArgs(1),
		func(ctx context.Context, c *cluster.Cluster, args []string) error {
			o.Job, o.Stdout = args[0], os.Stdout
			return c.Plan(ctx, o)
		})
	c.Flags().Int64Var(&o.Epoch, "epoch", 0, "the epoch whose plan to show, while its ConfigMap is there; default: the one that runs")
	outputFlag(c, &o.Layout, "json or yaml, for the plan document; default: for people")
	return c
}

func scaleCommand() *cobra.Command {
	return jobCommand("scale JOB WORKERS", "Change the number of a job's workers", "Change the number of a job's workers, as kubectl scale does. Tasks move, and nothing restarts.",
		"  millrace scale delays 4", cobra.ExactArgs(2), func(ctx context.Context, c *cluster.Cluster, args []string) error {
			n, err := strconv.ParseInt(args[1], 10, 32)
			if err != nil {
				return &usageError{fmt.Errorf("WORKERS is a number, not %q", args[1])}
			}
			return c.Scale(ctx, args[0], int32(n), os.Stdout)
		})
}

const lagLong = `Ask each worker of a job how far it is: the lag of each partition, and the
event time that all its tasks have reached. The question goes through the API
server to the pods, and needs the right to get pods/proxy.`

func lagCommand() *cobra.Command {
	var o cluster.LagOptions
	c := jobCommand("lag JOB", "Show each partition's lag, and each worker's watermark", lagLong, "  millrace lag delays", cobra.ExactArgs(1),
		func(ctx context.Context, c *cluster.Cluster, args []string) error {
			o.Job, o.Now, o.Stdout = args[0], time.Now(), os.Stdout
			return c.Lag(ctx, o)
		})
	outputFlag(c, &o.Layout, "json or yaml; default: for people")
	return c
}

const savepointsListLong = `List the StreamSavepoints of a job, or of all jobs of a namespace, the newest
first: those that users made, and those that the operator made by schedule and
for upgrades, suspensions and deletions.`

func savepointsCommand() *cobra.Command {
	var o cluster.SavepointsOptions
	c := jobCommand("savepoints [JOB]", "List the savepoints of jobs", savepointsListLong, "  millrace savepoints delays -n prod", cobra.MaximumNArgs(1),
		func(ctx context.Context, c *cluster.Cluster, args []string) error {
			if len(args) > 0 {
				o.Job = args[0]
			}
			o.Now, o.Stdout, o.Stderr = time.Now(), os.Stdout, os.Stderr
			return c.Savepoints(ctx, o)
		})
	outputFlag(c, &o.Layout, "wide, json or yaml; default: for people")
	return c
}

const reportLong = `Pack up what is known of a job, for whoever helps: manifests and statuses,
events, logs, the plan and what the workers say, as .tar.gz. No Secret is read,
and what looks like a password, a token or a key is taken out; look through it
all the same before you give it away. What can't be had is named in missing.txt.`

func reportCommand() *cobra.Command {
	o := cluster.ReportOptions{}
	var file string
	c := jobCommand("report JOB", "Pack up what is known of a job", reportLong, "  millrace report delays --to report.tar.gz", cobra.ExactArgs(1),
		func(ctx context.Context, c *cluster.Cluster, args []string) error {
			o.Job, o.Now, o.Stderr = args[0], time.Now(), os.Stderr
			if file == "-" {
				o.To = os.Stdout
				return c.Report(ctx, o)
			}
			if file == "" {
				file = fmt.Sprintf("millrace-%s-%s-%s.tar.gz", c.Namespace, o.Job, o.Now.UTC().Format("20060102T150405Z"))
			}
			if err := intoFile(file, func(w io.Writer) error {
				o.To = w
				return c.Report(ctx, o)
			}); err != nil {
				return err
			}
			_, err := fmt.Fprintln(os.Stdout, file)
			return err
		})
	c.Flags().StringVar(&file, "to", "", "file to write; - is the standard output; default: named after the job and the time")
	c.Flags().Int64Var(&o.Tail, "tail", defaultTail, "number of lines of each log")
	return c
}

// intoFile makes a new file, which only its owner reads, and leaves none behind that is not whole.
func intoFile(name string, write func(w io.Writer) error) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user names it
	if err != nil {
		return fault.Wrap(fault.User, err, "make the report").Do("give another file by --to")
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fault.Wrap(fault.Transient, e, "write %s", name)
		}
		if err != nil {
			_ = os.Remove(name)
		}
	}()
	return write(f)
}

func outputFlag(c *cobra.Command, layout *cluster.Layout, usage string) {
	c.Flags().StringVarP((*string)(layout), "output", "o", "", usage)
}
