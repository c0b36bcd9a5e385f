package build

import (
	"github.com/millrace/millrace/runtime/connector/nexmark"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format"
	"github.com/millrace/millrace/runtime/physical"
)

// decoder returns what makes rows of a source's records, and the number of the source's partitions or splits.
func (f *Factory) decoder(in *physical.TopicInput) (format.Decoder, int, error) {
	if in.Nexmark == nil {
		d, err := newDecoder(in.Format, in.Schema)
		return d, f.env.Partitions[in.Topic], err
	}
	s, err := f.source(in)
	if err != nil {
		return nil, 0, err
	}
	d, err := s.Decoder(in.Schema)
	return d, in.Nexmark.Splits, err
}

// source returns the source of an input whose rows are made. All its tasks share it.
func (f *Factory) source(in *physical.TopicInput) (*nexmark.Source, error) {
	s := f.made[in.Topic]
	if s == nil {
		n := in.Nexmark
		var err error
		if s, err = nexmark.New(in.Topic, n.Events, n.Kind, n.Splits, n.Rate); err != nil {
			return nil, err
		}
		f.made[in.Topic] = s
	}
	return s, nil
}

// Split returns what gives the task of a stage its records where they are made, and nil where a topic holds them.
func (f *Factory) Split(stage int, partition int32) (*nexmark.Split, error) {
	if stage < 0 || stage >= len(f.env.Plan.Stages) {
		return nil, fault.New(fault.Bug, fault.Place{}, "the plan has no stage %d", stage)
	}
	in := f.env.Plan.Stages[stage].Input.Topic
	if in == nil || in.Nexmark == nil {
		return nil, nil //nolint:nilnil // no split is an answer
	}
	s, err := f.source(in)
	if err != nil {
		return nil, err
	}
	return s.Split(partition), nil
}
