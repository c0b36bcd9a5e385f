package main

import (
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
bounded: all rows are read, every window fires, and the command ends. A bare
SELECT goes to the standard output. Progress and the summary go to the standard
error.`

const runExample = `  millrace run -f examples/flights --input flights=examples/flights/flights.jsonl.gz
  millrace run --sql query.sql --input bids=bids.jsonl --output -
  millrace run -f job.yaml -f topics.yaml --kafka localhost:9092`

// usageError is a mistake on the command line itself.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() + "; see millrace run --help" }
func (e *usageError) Unwrap() error { return e.err }

func runCommand() *cobra.Command {
	var o launch.Options
	var inputs, outputs []string
	var format string
	var verbose bool
	c := &cobra.Command{
		Use: "run (-f MANIFEST... | --sql FILE)", Short: "Run a job here", Long: runLong, Example: runExample,
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.NoArgs(c, args); err != nil {
				return &usageError{err}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if (len(o.Manifests) == 0) == (o.SQL == "") {
				return &usageError{fmt.Errorf("give either -f or --sql")} //nolint:perfsprint // reads like the others
			}
			if err := bindings(&o, inputs, outputs); err != nil {
				return err
			}
			switch format {
			case "json":
			case "table":
				o.Table = true
			default:
				return &usageError{fmt.Errorf("--format is json or table, not %q", format)}
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
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	f := c.Flags()
	f.StringArrayVarP(&o.Manifests, "file", "f", nil, "manifest file, or folder of manifests, with a StreamJob and its StreamTopics; - is the standard input")
	f.StringVar(&o.SQL, "sql", "", "file with SQL: CREATE TABLE, INSERT INTO, SELECT; - is the standard input")
	f.StringVar(&o.Kafka, "kafka", "", "HOST:PORT of a Kafka broker; default: a broker inside this process")
	f.StringArrayVar(&inputs, "input", nil, "TOPIC=FILE: fill the topic from JSON lines, plain, .gz or .zst; - is the standard input")
	f.StringArrayVar(&outputs, "output", nil, "TOPIC=FILE: write the topic's rows to a file; TOPIC=- or - to the standard output")
	f.IntVar(&o.Parallelism, "parallelism", 0, "number of workers; default: the manifest's, else 1")
	f.StringVar(&format, "format", "json", "rows on the standard output as json (lines) or table")
	f.BoolVarP(&verbose, "verbose", "v", false, "print what the workers say")
	return c
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
