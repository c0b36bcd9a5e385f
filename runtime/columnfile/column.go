package columnfile

import (
	"reflect"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// WideBytes is the length of an integer of 128 bits.
const WideBytes = 16

// widePrecision is the most digits that a DECIMAL has for readers of 128 bits.
const widePrecision = 38

// Column is a column of a file.
type Column struct {
	types.Column
	// Wide says that the values are integers of 128 bits: WideBytes bytes of two's complement, the highest first; the kind is
	// BYTES.
	Wide bool
}

// root is a file's schema with the columns in their order; the library's own groups sort them by name.
type root struct {
	parquet.Group

	fields []parquet.Field
}

// Fields returns the columns.
func (r root) Fields() []parquet.Field { return r.fields }

// field is one of root's.
type field struct {
	parquet.Node

	name string
}

// Name returns the column's name.
func (f *field) Name() string { return f.name }

// Value is what a writer of Go structs would ask; rows are written as columns here.
func (f *field) Value(base reflect.Value) reflect.Value { return base }

func newRoot(columns []Column) (root, error) {
	r := root{Group: parquet.Group{}}
	for _, c := range columns {
		leaf, ok := leafOf(c)
		if !ok {
			return r, fault.New(fault.User, fault.Place{}, "column %q: Parquet holds no %s", c.Name, c.Kind)
		}
		if r.Group[c.Name] != nil {
			return r, fault.New(fault.User, fault.Place{}, "two columns are called %q", c.Name)
		}
		r.Group[c.Name] = parquet.Optional(leaf)
		r.fields = append(r.fields, &field{r.Group[c.Name], c.Name})
	}
	return r, nil
}

func leafOf(c Column) (parquet.Node, bool) {
	if c.Wide {
		return parquet.Decimal(0, widePrecision, parquet.FixedLenByteArrayType(WideBytes)), c.Kind == types.Bytes
	}
	switch c.Kind {
	case types.Boolean, types.Null:
		return parquet.Leaf(parquet.BooleanType), true
	case types.Int:
		return parquet.Leaf(parquet.Int32Type), true
	case types.BigInt, types.Interval:
		return parquet.Leaf(parquet.Int64Type), true
	case types.Double:
		return parquet.Leaf(parquet.DoubleType), true
	case types.String:
		return parquet.String(), true
	case types.Bytes:
		return parquet.Leaf(parquet.ByteArrayType), true
	case types.Date:
		return parquet.Date(), true
	case types.Timestamp:
		return parquet.Timestamp(parquet.Microsecond), true
	case types.Invalid:
		return nil, false
	default:
		return nil, false
	}
}
