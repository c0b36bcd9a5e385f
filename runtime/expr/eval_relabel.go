package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// relabel is a conversion that keeps the values: INT to BIGINT, STRING to BYTES.
type relabel struct {
	kind types.Kind
	arg  evaluator
	out  batch.Vector
}

func (e *relabel) eval(f *frame, sel []int32) *batch.Vector {
	e.out = *e.arg.eval(f, sel)
	e.out.Kind = e.kind
	return &e.out
}

// relabels says whether a conversion keeps the values.
func relabels(from, to types.Kind) bool {
	return from == to || from == types.Int && to == types.BigInt || from == types.String && to == types.Bytes
}
