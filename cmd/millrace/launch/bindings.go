package launch

import (
	"errors"
	"slices"

	"github.com/millrace/millrace/cmd/millrace/feed"
	"github.com/millrace/millrace/cmd/millrace/filetype"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
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
	if err := checkOutputs(o, j); err != nil {
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

// checkOutputs finds what would be wrong about an output before one is made.
func checkOutputs(o *Options, j *job) error {
	for _, b := range o.Outputs {
		if _, err := filetype.Of(b.File); err != nil {
			return err
		}
		if _, err := o.columns(j.sink(b.Topic)); err != nil {
			return err
		}
	}
	return nil
}

// openInputs opens all input files before anything runs, so that a wrong name leaves nothing behind.
func openInputs(o *Options, tables []spec.Table) ([]*feed.Source, error) {
	var sources []*feed.Source
	for _, b := range o.Inputs {
		s, err := openInput(o, b, tables)
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

func openInput(o *Options, b Binding, tables []spec.Table) (*feed.Source, error) {
	kind, err := filetype.Of(b.File)
	if err != nil {
		return nil, err
	}
	var table feed.Table
	if kind.Format != filetype.JSONLines {
		if table, err = feed.TableOf(b.Topic, tables); err != nil {
			return nil, err
		}
	}
	return feed.Open(b.File, o.Stdin, table)
}
