package physical

import (
	"bytes"
	"encoding/json"

	"github.com/millrace/millrace/runtime/fault"
)

// MaxDocumentBytes bounds an encoded plan: it must fit a ConfigMap, which holds 1 MiB with its names.
const MaxDocumentBytes = 900 << 10

// Encode writes the plan as a document. The plan must be valid and its hashes right: Seal sets them.
func Encode(p *Plan) ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode the plan")
	}
	if len(b) > MaxDocumentBytes {
		return nil, fault.New(fault.User, fault.Place{}, "the compiled plan has %d bytes, more than the %d that fit", len(b), MaxDocumentBytes).
			Do("split the job, or select fewer and simpler columns")
	}
	return b, nil
}

// Decode reads a document that this version or the one before wrote. A field that it does not know, a hash that does not
// fit, or a plan that makes no sense is an error of kind Corrupt: running a part of a plan would be worse than stopping.
func Decode(b []byte) (*Plan, error) {
	if len(b) > MaxDocumentBytes {
		return nil, corrupt("the plan has %d bytes, more than %d", len(b), MaxDocumentBytes)
	}
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &head); err != nil { // refuses what follows the document, too
		return nil, fault.Wrap(fault.Corrupt, err, "decode the plan")
	}
	if head.Format < OldestFormat || head.Format > Format {
		return nil, fault.New(fault.User, fault.Place{}, "the plan is of format %d, and this worker reads %d to %d", head.Format, OldestFormat, Format).
			Do("run workers of the operator's version, or of the one before or after it")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	p := &Plan{}
	if err := d.Decode(p); err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "decode the plan")
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p, nil
}

func corrupt(format string, args ...any) *fault.Error {
	return fault.New(fault.Corrupt, fault.Place{}, format, args...)
}
