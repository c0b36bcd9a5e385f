package operator

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Lookup reads what an operator has committed of one key. It is no part of a running operator: it has only the store, and
// so sees nothing that is not committed. It keeps scratch memory, so one goroutine uses it.
type Lookup interface {
	// Look finds the live windows of a key, in the order of their ends. key is a batch of one row, its columns those that
	// rows are distributed by.
	Look(store state.Store, key *batch.Batch, bounds Bounds) (*Found, error)
}

// Bounds keep a look short. All must be set.
type Bounds struct {
	// Windows is the largest number of windows that are found, and Reads that of keys that are read of the store.
	Windows, Reads int
	// Bytes is where a look stops when what it has found is as long.
	Bytes int
	// Over says that the time is up; it is asked between two reads.
	Over func() bool
}

// Found is what a look has found: a window each.
type Found struct {
	// Starts and Ends are the windows', in microseconds.
	Starts, Ends []int64
	// Values has a row a window and a column an aggregate function: what it would come to if the window fired now.
	Values batch.Batch
	// Problems are those windows, by position, whose values can't be told, as they could not be emitted. Their Values are NULL.
	Problems map[int]string
	// More says that a bound was reached: the windows here are the first ones, each of them whole.
	More bool
}

// NewFound returns an empty answer with columns of these kinds.
func NewFound(kinds []types.Kind) *Found {
	f := &Found{}
	f.Values.Reset(kinds)
	return f
}

// Bytes is how long the answer is, roughly.
func (f *Found) Bytes() int {
	n := (len(f.Values.Columns) + 2) * 8 * len(f.Starts)
	for i := range f.Values.Columns {
		n += len(f.Values.Columns[i].Data)
	}
	return n
}

// Full says that no further window is to be added.
func (f *Found) Full(b Bounds) bool {
	return len(f.Ends) >= b.Windows || f.Bytes() >= b.Bytes || b.Over()
}

// Window begins a window; its values are appended to the columns next, or Problem is called.
func (f *Found) Window(start, end int64) {
	f.Starts, f.Ends = append(f.Starts, start), append(f.Ends, end)
	f.Values.Length++
}

// Problem says that the window that was begun last has no values.
func (f *Found) Problem(cause error) {
	if f.Problems == nil {
		f.Problems = map[int]string{}
	}
	f.Problems[len(f.Ends)-1] = cause.Error()
	for i := range f.Values.Columns {
		f.Values.Columns[i].AppendNull()
	}
}
