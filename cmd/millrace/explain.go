package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/launch"
	"github.com/millrace/millrace/runtime/fault"
)

const explainLong = `Print the plan of a job: its stages, what each reads, does and writes; and what
it asks of Kafka: internal topics, transactions and markers a second, with a
warning where that is more than Millrace is made for. Nothing runs and no broker
is asked. A mistake in SQL or manifest is shown as by run.`

func explainCommand() *cobra.Command {
	var o launch.Options
	c := &cobra.Command{
		Use: "explain (-f MANIFEST... | --sql FILE)", Short: "Show what a job would do", Long: explainLong,
		Example: "  millrace explain --sql query.sql", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneJob(&o); err != nil {
				return err
			}
			if c.Flags().Changed("parallelism") && o.Parallelism < 1 {
				return fault.New(fault.User, fault.InField("--parallelism"), "must be at least 1")
			}
			o.Stdin, o.Stdout, o.Stderr = os.Stdin, os.Stdout, os.Stderr
			return launch.Explain(c.Context(), o)
		},
	}
	jobFlags(c, &o)
	c.Flags().IntVar(&o.Parallelism, "parallelism", 0, "number of workers to reckon with; default: the manifest's, else 1")
	return c
}
