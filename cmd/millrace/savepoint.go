package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/cmd/millrace/savepoints"
)

const savepointsLong = `With the name of a job that runs on Kubernetes, make a StreamSavepoint of it, wait
for it, and print its id. The operator asks the job; nothing but the API server
must be reached from here. With --kafka, or with what only a record can ask for
(--stop, --id), do as create does, with the brokers of the job's
KafkaConnection: they must be reached, and --kafka gives other addresses of
theirs.

` + savepointLong

const savepointLong = `Look at savepoints in a blob store: s3://BUCKET/PREFIX, gs://BUCKET/PREFIX,
azblob://CONTAINER/PREFIX or file:///FOLDER. Credentials come from the
environment, as the stores' own tools find them. Files in a savepoint are
Parquet, and open in anything that reads that.`

// savepointAction is a subcommand that does something with the savepoints of a store.
type savepointAction struct {
	use, short, example string
	// id says that it takes the id of a savepoint.
	id    bool
	do    func(ctx context.Context, o savepoints.Options) error
	flags func(c *cobra.Command, o *savepoints.Options)
}

func savepointActions() []savepointAction {
	return []savepointAction{
		{
			use: "list", short: "List savepoints, the newest first", do: savepoints.List,
			example: "  millrace savepoint list --url s3://bucket/savepoints --job prod.default.delays",
		},
		{
			use: "inspect ID", short: "Show what is in a savepoint", id: true, do: savepoints.Inspect,
			example: "  millrace savepoint inspect sp-20261128T070000Z-1a2b3c --url s3://bucket/savepoints",
			flags: func(c *cobra.Command, o *savepoints.Options) {
				c.Flags().BoolVar(&o.Files, "files", false, "show each file, with its checksum")
			},
		},
		{
			use: "verify ID", short: "Read all of a savepoint and compare it with its checksums", id: true, do: savepoints.Verify,
			example: "  millrace savepoint verify sp-20261128T070000Z-1a2b3c --url s3://bucket/savepoints",
		},
		{
			use: "delete ID", short: "Delete a savepoint", id: true, do: savepoints.Delete,
			example: "  millrace savepoint delete sp-20261128T070000Z-1a2b3c --url s3://bucket/savepoints --job prod.default.delays",
		},
	}
}

func savepointCommand() *cobra.Command {
	c := savepointOfCommand()
	c.AddCommand(createCommand(), resumeCommand())
	for _, a := range savepointActions() {
		c.AddCommand(a.command())
	}
	return c
}

// savepointOfCommand asks a job of a cluster for a savepoint; without the name of one it is help for its subcommands.
func savepointOfCommand() *cobra.Command {
	access := cluster.NewAccess()
	r, c := requestCommand("savepoint [JOB]", "Make savepoints of jobs, and look at them", savepointsLong, savepoints.Create)
	c.Example = "  millrace savepoint delays -n prod"
	createFlags(c, r)
	discard := c.Flags().Bool("delete-data", false, "have the data go with the StreamSavepoint; retention of the job may then delete it")
	_ = c.Flags().MarkHidden("job") // there is one
	access.Flags(c.Flags())
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	c.Args = usage(cobra.MaximumNArgs(1))
	c.ValidArgsFunction = func(c *cobra.Command, list []string, _ string) ([]string, cobra.ShellCompDirective) {
		return jobNames(c.Context(), access, list)
	}
	ask := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		if r.Job != "" {
			return &usageError{errors.New("give either the name of a StreamJob or, with create, --job")}
		}
		opened, err := access.Open()
		if err != nil {
			return err
		}
		if !byRecord(c) {
			o := cluster.MakeOptions{Job: args[0], Within: r.Within, Layout: clusterLayout(r.Layout), Stdout: os.Stdout, Stderr: os.Stderr}
			if *discard {
				o.Policy = v1alpha1.DeletionDelete
			}
			return opened.MakeSavepoint(c.Context(), o)
		}
		asked, err := opened.Savepoint(c.Context(), args[0])
		if err != nil {
			return err
		}
		if c.Flags().Changed("kafka") {
			asked.Brokers = strings.Split(c.Flag("kafka").Value.String(), ",")
		}
		if err := asked.Reach(c.Context()); err != nil {
			return err
		}
		r.Job = asked.Prefix
		if err := c.Flags().Set("kafka", strings.Join(asked.Brokers, ",")); err != nil {
			return err
		}
		return ask(c, args)
	}
	return c
}

// byRecord says whether a flag was given that is about a record in the control topic.
func byRecord(c *cobra.Command) bool {
	for _, name := range []string{"kafka", "stop", "id", "tls-ca", "tls-cert", "tls-key", "tls", "sasl-mechanism", "sasl-user-file", "sasl-password-file"} {
		if c.Flags().Changed(name) {
			return true
		}
	}
	return false
}

// clusterLayout is the same layout by the name that it has there.
func clusterLayout(l savepoints.Layout) cluster.Layout {
	if l == savepoints.Table {
		return cluster.Table
	}
	return cluster.Layout(l)
}

const createLong = `Ask a running job for a savepoint, wait for it, and print its id. The job's
sources are held until all its tasks are cut, and go on while the state is
written. With --stop they stay held, so that the job's successor goes on
exactly where it has stopped; ` + "`millrace savepoint resume`" + ` lets it go on after
all. The request is a record in the job's control topic, and the job writes the
savepoint to the store that its workers have been given.`

func createCommand() *cobra.Command {
	r, c := requestCommand("create", "Ask a running job for a savepoint", createLong, savepoints.Create)
	c.Example = "  millrace savepoint create --kafka localhost:9092 --job prod.default.delays"
	createFlags(c, r)
	return c
}

// createFlags say which savepoint is asked for.
func createFlags(c *cobra.Command, r *savepoints.Request) {
	f := c.Flags()
	f.StringVar(&r.ID, "id", "", "id of the savepoint; default: made of the time")
	f.BoolVar(&r.Stop, "stop", false, "keep the sources held once the savepoint is there")
	f.DurationVar(&r.Within, "within", defaultWithin, "time for it; afterwards the job goes on without")
}

func resumeCommand() *cobra.Command {
	r, c := requestCommand("resume ID", "Let a job go on that a savepoint has stopped", "Let a job go on that a savepoint has stopped, or was to stop.", savepoints.Resume)
	c.Example = "  millrace savepoint resume sp-20261128T070000Z-1a2b3c --kafka localhost:9092 --job prod.default.delays"
	c.Args = oneID
	ask := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		r.ID = args[0]
		return ask(c, args)
	}
	return c
}

const defaultWithin = 10 * time.Minute

// requestCommand makes a subcommand that asks a job for something.
func requestCommand(use, short, long string, do func(ctx context.Context, r savepoints.Request) error) (*savepoints.Request, *cobra.Command) {
	r := &savepoints.Request{}
	var brokers string
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			r.Brokers, r.Stdout, r.Stderr = strings.Split(brokers, ","), os.Stdout, os.Stderr
			return do(c.Context(), *r)
		},
	}
	f := c.Flags()
	f.StringVar(&brokers, "kafka", "", "addresses of Kafka brokers, HOST:PORT, comma separated")
	f.StringVar(&r.Job, "job", "", "the job, by the prefix of its names on Kafka: CLUSTER.NAMESPACE.NAME")
	f.StringVarP((*string)(&r.Layout), "output", "o", string(savepoints.Table), "table or json")
	f.BoolVar(&r.Security.TLS, "tls", false, "encrypt connections to Kafka")
	f.StringVar(&r.Security.CA, "tls-ca", "", "file of the authorities that brokers' certificates are checked by, PEM; default: the system's")
	f.StringVar(&r.Security.Cert, "tls-cert", "", "file of the client's certificate, PEM")
	f.StringVar(&r.Security.Key, "tls-key", "", "file of the key of --tls-cert, PEM")
	f.StringVar(&r.Security.Mechanism, "sasl-mechanism", "", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER")
	f.StringVar(&r.Security.User, "sasl-user-file", "", "file that holds the SASL user")
	f.StringVar(&r.Security.Password, "sasl-password-file", "", "file that holds the SASL password, or the token of OAUTHBEARER")
	return r, c
}

// oneID says that a command takes the id of a savepoint and nothing else.
func oneID(c *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(1)(c, args); err != nil {
		return &usageError{err}
	}
	return nil
}

// command makes the subcommand, with the flags that all have.
func (a savepointAction) command() *cobra.Command {
	var o savepoints.Options
	c := &cobra.Command{
		Use: a.use, Short: a.short, Long: a.short + ".\n\n" + savepointLong, Example: a.example, Args: noArguments,
		RunE: func(c *cobra.Command, args []string) error {
			if a.id {
				o.ID = args[0]
			}
			o.Stdout, o.Stderr = os.Stdout, os.Stderr
			return a.do(c.Context(), o)
		},
	}
	if a.id {
		c.Args = oneID
	}
	f := c.Flags()
	f.StringVar(&o.URL, "url", "", "the blob store that has the savepoints")
	f.StringVar(&o.Job, "job", "", "the job, by the prefix of its names on Kafka: CLUSTER.NAMESPACE.NAME; default: all that are there")
	f.StringVarP((*string)(&o.Layout), "output", "o", string(savepoints.Table), "table or json")
	if a.flags != nil {
		a.flags(c, &o)
	}
	return c
}
