package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/savepoints"
)

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
	c := &cobra.Command{Use: "savepoint", Aliases: []string{"savepoints"}, Short: "Look at savepoints", Long: savepointLong, Args: noArguments}
	for _, a := range savepointActions() {
		c.AddCommand(a.command())
	}
	return c
}

// command makes the subcommand, with the flags that all have.
func (a savepointAction) command() *cobra.Command {
	var o savepoints.Options
	var layout string
	c := &cobra.Command{
		Use: a.use, Short: a.short, Long: a.short + ".\n\n" + savepointLong, Example: a.example, Args: noArguments,
		RunE: func(c *cobra.Command, args []string) error {
			if a.id {
				o.ID = args[0]
			}
			o.Layout, o.Stdout, o.Stderr = savepoints.Layout(layout), os.Stdout, os.Stderr
			return a.do(c.Context(), o)
		},
	}
	if a.id {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(c, args); err != nil {
				return &usageError{err}
			}
			return nil
		}
	}
	f := c.Flags()
	f.StringVar(&o.URL, "url", "", "the blob store, as in the job's spec.savepoints.url")
	f.StringVar(&o.Job, "job", "", "the job, by the prefix of its names on Kafka: CLUSTER.NAMESPACE.NAME; default: all that are there")
	f.StringVarP(&layout, "output", "o", string(savepoints.Table), "table or json")
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	if a.flags != nil {
		a.flags(c, &o)
	}
	return c
}
