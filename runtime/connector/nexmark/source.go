package nexmark

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/nexmark"
	"github.com/millrace/millrace/runtime/types"
)

// Source is the stream of one kind of events. It never changes: its splits and decoders share it.
type Source struct {
	generator    *nexmark.Generator
	kind         nexmark.Kind
	name         string
	splits, rate int64
}

// New returns a source. Name is what its records say they are from; rate bounds the events a second of all splits
// together, 0 not at all. The data set's end is that of the configuration.
func New(name string, c nexmark.Config, kind nexmark.Kind, splits int, rate int64) (*Source, error) {
	if splits < 1 {
		return nil, fault.New(fault.Bug, fault.Place{}, "a source of %d splits", splits)
	}
	g, err := nexmark.New(c)
	if err != nil {
		return nil, err
	}
	return &Source{generator: g, kind: kind, name: name, splits: int64(splits), rate: rate}, nil
}

// Split returns a share of the source, by its number from 0.
func (s *Source) Split(number int32) *Split {
	return &Split{
		source: s, number: int64(number), end: endOf(s.generator.Config().Events, int64(number), s.splits),
		ratePerSecond: float64(s.rate) / float64(s.splits),
	}
}

// Decoder returns what makes the columns of the source's records.
func (s *Source) Decoder(schema types.Schema) (*Decoder, error) {
	row, ok := s.generator.Row(s.kind, schema)
	if !ok {
		return nil, fault.New(fault.Bug, fault.Place{}, "not all of these columns are those of Nexmark's table %s: %v", s.kind, schema.Columns)
	}
	return &Decoder{generator: s.generator, row: row}, nil
}
