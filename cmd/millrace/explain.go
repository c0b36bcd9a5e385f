package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/launch"
)

const explainLong = `Print the plan of a job: its stages, what each reads, does and writes. Nothing
runs and no broker is asked. A mistake in SQL or manifest is shown as by run.`

func explainCommand() *cobra.Command {
	var o launch.Options
	c := &cobra.Command{
		Use: "explain (-f MANIFEST... | --sql FILE)", Short: "Show what a job would do", Long: explainLong,
		Example: "  millrace explain --sql query.sql", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneJob(&o); err != nil {
				return err
			}
			o.Stdin, o.Stdout, o.Stderr = os.Stdin, os.Stdout, os.Stderr
			return launch.Explain(c.Context(), o)
		},
	}
	jobFlags(c, &o)
	return c
}
