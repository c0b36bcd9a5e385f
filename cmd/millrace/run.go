package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/millrace/millrace/cmd/millrace/launch"
	"github.com/millrace/millrace/runtime/fault"
)

const runLong = `Run one job until its inputs are read, or until interrupted.

With no --kafka an embedded broker runs in the process. With --input the run is
bounded: all rows are read, every window fires, and the command ends. So does
a job of mode Batch, at what its topics hold. A bare
SELECT goes to the standard output. Progress and the summary go to the standard
error.`

const runExample = `  millrace run -f examples/flights --input flights=examples/flights/flights.jsonl.gz
  millrace run --sql query.sql --input bids=bids.jsonl --output -
  millrace run --sql query.sql --input bids=bids.csv.gz --output results=counts.parquet
  millrace run -f job.yaml -f topics.yaml --kafka localhost:9092`

// usageError is a mistake on the command line itself.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() + "; see millrace --help" }
func (e *usageError) Unwrap() error { return e.err }

func runCommand() *cobra.Command {
	var o launch.Options
	var inputs, outputs []string
	var format string
	var verbose bool
	c := &cobra.Command{
		Use: "run (-f MANIFEST... | --sql FILE)", Short: "Run a job here", Long: runLong, Example: runExample,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneJob(&o); err != nil {
				return err
			}
			if err := bindings(&o, inputs, outputs); err != nil {
				return err
			}
			switch o.Layout = launch.Layout(format); o.Layout {
			case launch.LayoutJSON, launch.LayoutCSV, launch.LayoutTable:
			default:
				return &usageError{fmt.Errorf("--format is json, csv or table, not %q", format)}
			}
			if o.Parallelism < 0 {
				return fault.New(fault.User, fault.InField("--parallelism"), "must be at least 1")
			}
			o.Stdin, o.Stdout, o.Stderr = os.Stdin, os.Stdout, os.Stderr
			o.Terminal = term.IsTerminal(int(os.Stderr.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))
			level := slog.LevelError
			if verbose {
				level = slog.LevelInfo
			}
			o.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
			return launch.Run(c.Context(), o)
		},
	}
	f := c.Flags()
	jobFlags(c, &o)
	f.StringVar(&o.Kafka, "kafka", "", "HOST:PORT of a Kafka broker; default: a broker inside this process")
	f.StringVar(&o.StatePassword, "state-password-file", "", "file with the password of the server that the manifest keeps state on, in place of its Secret")
	f.StringVar(&o.StateCA, "state-tls-ca", "", "file with the authorities of that server, PEM, in place of its Secret")
	f.StringArrayVar(&inputs, "input", nil, "TOPIC=FILE: fill the topic from JSON lines, CSV (.csv) or Parquet (.parquet), the first two plain, .gz or .zst; - is JSON lines from the standard input")
	f.StringArrayVar(&outputs, "output", nil, "TOPIC=FILE: write the topic's rows to a file, of what its name ends in; TOPIC=- or - to the standard output")
	f.IntVar(&o.Parallelism, "parallelism", 0, "number of workers; default: the manifest's, else 1")
	f.StringVar(&format, "format", "json", "rows on the standard output as json (lines), csv or table")
	f.BoolVar(&o.Changes, "changes", false, "write change logs: the kind of each row (+I) in a column \"op\" before the others")
	f.BoolVarP(&verbose, "verbose", "v", false, "print what the workers say")
	return c
}

func noArguments(c *cobra.Command, args []string) error {
	if err := cobra.NoArgs(c, args); err != nil {
		return &usageError{err}
	}
	return nil
}

// jobFlags are those that say what the job is.
func jobFlags(c *cobra.Command, o *launch.Options) {
	f := c.Flags()
	f.StringArrayVarP(&o.Manifests, "file", "f", nil, "manifest file, or folder of manifests, with a StreamJob and its StreamTopics; - is the standard input")
	f.StringVar(&o.SQL, "sql", "", "file with SQL: CREATE TABLE, INSERT INTO, SELECT; - is the standard input")
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
}

func oneJob(o *launch.Options) error {
	if (len(o.Manifests) == 0) == (o.SQL == "") {
		return &usageError{errors.New("give either -f or --sql")}
	}
	return nil
}

func bindings(o *launch.Options, inputs, outputs []string) error {
	for _, s := range inputs {
		b, err := launch.ParseInput(s)
		if err != nil {
			return err
		}
		o.Inputs = append(o.Inputs, b)
	}
	for _, s := range outputs {
		b, err := launch.ParseOutput(s)
		if err != nil {
			return err
		}
		o.Outputs = append(o.Outputs, b)
	}
	return nil
}
