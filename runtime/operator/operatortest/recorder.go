package operatortest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
)

// recorder is the output and both handlers of an operator.
type recorder struct{ result Result }

func (r Result) clone() Result {
	r.Rows, r.Bad = slices.Clone(r.Rows), slices.Clone(r.Bad)
	return r
}

// Push keeps the selected rows as text.
func (r *recorder) Push(b *batch.Batch) error {
	for n := range b.Selected() {
		row := n
		if b.Selection != nil {
			row = int(b.Selection[n])
		}
		r.result.Rows = append(r.result.Rows, Text(b, row))
	}
	return nil
}

// Bad keeps the row's number and the cause, and goes on.
func (r *recorder) Bad(b *batch.Batch, i int, cause error) error {
	where := "a result"
	if i != operator.NoRow {
		where = strconv.FormatInt(b.Offsets[i], 10)
	}
	r.result.Bad = append(r.result.Bad, fmt.Sprintf("%s: %v", where, cause))
	return nil
}

// Late counts.
func (r *recorder) Late(n int, latenessMicros int64) {
	r.result.Late += n
	r.result.Lateness = max(r.result.Lateness, latenessMicros)
}

// Text prints a row: values parted by blanks, byte strings quoted.
func Text(b *batch.Batch, row int) string {
	cells := make([]string, len(b.Columns))
	for i := range b.Columns {
		v := &b.Columns[i]
		switch {
		case v.IsNull(row):
			cells[i] = "NULL"
		case v.Kind.Storage() == types.StoreBool:
			cells[i] = strconv.FormatBool(v.Bool[row])
		case v.Kind.Storage() == types.StoreFloat64:
			cells[i] = strconv.FormatFloat(v.Float64[row], 'g', -1, 64)
		case v.Kind.Storage() == types.StoreBytes:
			cells[i] = strconv.Quote(string(v.Bytes(row)))
		default:
			cells[i] = strconv.FormatInt(v.Int64[row], 10)
		}
	}
	return strings.Join(cells, " ")
}
