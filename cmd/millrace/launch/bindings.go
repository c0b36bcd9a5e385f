package launch

import (
	"errors"
	"io"
	"os"
	"slices"

	"github.com/millrace/millrace/cmd/millrace/collect"
	"github.com/millrace/millrace/cmd/millrace/feed"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// bind checks inputs and outputs against what the plan reads and writes, and fills in the standard output where that is
// what a user means: the rows of bare SELECTs, and the only sink of a run whose broker is gone at its end.
func bind(o *Options, j *job) error {
	sources, sinks := j.plan.SourceTopics(), j.plan.SinkTopics()
	for i, b := range o.Outputs {
		if b.Topic == "" {
			o.Outputs[i].Topic = resultsTopic
		}
	}
	if bare := slices.Contains(sinks, resultsTopic) && o.SQL != ""; bare && slices.Contains(missing(sinks, o.Outputs), resultsTopic) {
		o.Outputs = append(o.Outputs, Binding{resultsTopic, "-"})
	}
	if o.Kafka == "" && len(o.Outputs) == 0 && len(sinks) == 1 {
		o.Outputs = append(o.Outputs, Binding{sinks[0], "-"})
	}
	if err := errors.Join(known("--input", o.Inputs, sources), known("--output", o.Outputs, sinks)); err != nil {
		return err
	}
	if o.Kafka != "" {
		return nil
	}
	if left := missing(sources, o.Inputs); len(left) > 0 {
		return fault.New(fault.User, fault.InField("--input"), "nothing fills topic %q on the embedded broker", left[0]).
			Do("give --input %s=FILE, or --kafka HOST:PORT for a broker that holds it", left[0])
	}
	if left := missing(sinks, o.Outputs); len(left) > 0 {
		return fault.New(fault.User, fault.InField("--output"), "nothing takes the rows of topic %q from the embedded broker", left[0]).
			Do("give --output %s=FILE, or =- for the standard output", left[0])
	}
	return nil
}

// openInputs opens all input files before anything runs, so that a wrong name leaves nothing behind.
func openInputs(o *Options) ([]*feed.Source, error) {
	var sources []*feed.Source
	for _, b := range o.Inputs {
		s, err := feed.Open(b.File, o.Stdin)
		if err != nil {
			for _, opened := range sources {
				err = errors.Join(err, opened.Close())
			}
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// sinkFile is an output file; it is made only when everything else was found right.
type sinkFile struct {
	writer collect.Writer
	close  func() error
}

func openOutput(o *Options, b Binding, schema types.Schema, stdout io.Writer) (sinkFile, error) {
	if b.File == "-" {
		if o.Table {
			return sinkFile{collect.NewTable(stdout, schema), func() error { return nil }}, nil
		}
		return sinkFile{collect.NewLines(stdout), func() error { return nil }}, nil
	}
	f, err := os.Create(b.File)
	if err != nil {
		return sinkFile{}, fault.Wrap(fault.User, err, "create the output").At(fault.InField("--output " + b.Topic))
	}
	return sinkFile{collect.NewLines(f), f.Close}, nil
}
