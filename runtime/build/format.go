package build

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format"
	"github.com/millrace/millrace/runtime/format/json"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

func newDecoder(f spec.Format, schema types.Schema) (format.Decoder, error) {
	switch f.Type {
	case spec.FormatJSON:
		return json.NewDecoder(f, schema)
	default:
		return nil, unknownFormat(f)
	}
}

func newEncoder(f spec.Format, schema types.Schema) (format.Encoder, error) {
	switch f.Type {
	case spec.FormatJSON:
		return json.NewEncoder(f, schema)
	default:
		return nil, unknownFormat(f)
	}
}

func unknownFormat(f spec.Format) error {
	return fault.New(fault.Bug, fault.Place{}, "the plan's format %q is none that this version knows", f.Type).
		Do("run the version of the worker that the plan was compiled by, or a newer one")
}
