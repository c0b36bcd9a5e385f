package logical

import (
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/types"
)

// Filter keeps the rows on which the predicate is TRUE.
type Filter struct {
	Input     Node
	Predicate expr.Node
}

// Schema is the input's.
func (f *Filter) Schema() types.Schema { return f.Input.Schema() }

func (*Filter) node() {}
