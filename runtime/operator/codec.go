package operator

import (
	"strings"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// StateCodec says how the state of an operator is written as typed rows, for a savepoint, and read back from them. It
// works on bytes alone, not on an operator that runs. It is immutable and safe for concurrent use.
type StateCodec interface {
	// Columns are those of the rows.
	Columns() []StateColumn
	// Keys are the positions of the columns by which the exchange before the operator hashes, in its order; empty means
	// that all rows are in partition 0, and nil that each stays in the partition that it comes from.
	Keys() []int
	// Export returns what makes rows of an operator's records.
	Export() StateExport
	// Import returns what makes records of rows. Marks are those of all exports that the rows come from.
	Import(marks []int64) StateImport
}

// NamedCodec is the codec of an operator.
type NamedCodec struct {
	// ID is the operator's; its records begin with it and a zero byte.
	ID string
	StateCodec
}

// Compare orders codecs as their records are.
func (c NamedCodec) Compare(other NamedCodec) int {
	return strings.Compare(c.ID+"\x00", other.ID+"\x00")
}

// StateColumn is a column of an operator's state.
type StateColumn struct {
	types.Column
	// Wide says that the values are integers of 128 bits: 16 bytes of two's complement, the highest first; the kind is BYTES.
	Wide bool
}

// StateExport makes rows of the records of one operator. One goroutine uses it.
type StateExport interface {
	// Rows appends the rows of a record, none or some, to a batch with the codec's columns. Records come in the order of
	// their keys, which are without the operator's prefix.
	Rows(key, value []byte, to *batch.Batch) error
	// Mark is a number that an import has to know before the first row, if there is one. It is known when all records came.
	Mark() (mark int64, ok bool)
}

// StateImport makes records of rows. What it puts, it puts once under a key, so that an import that was cut off can begin
// anew over what it has left. One goroutine uses it.
type StateImport interface {
	// Record takes a row of a batch with the codec's columns, and puts the records that are complete. The rows of one
	// export come in its order; those of several may come in turn, each whole.
	Record(b *batch.Batch, row int, put Put) error
	// Finish puts what is left.
	Finish(put Put) error
}

// Put writes a record of an operator, without its prefix. Key and value are copied.
type Put func(key, value []byte) error
