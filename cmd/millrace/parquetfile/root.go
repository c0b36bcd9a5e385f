package parquetfile

import (
	"reflect"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// root is the file's schema with the columns in their order; the library's own groups sort them by name.
type root struct {
	parquet.Group

	fields []parquet.Field
}

// Fields returns the columns.
func (r root) Fields() []parquet.Field { return r.fields }

// column is one of root's.
type column struct {
	parquet.Node

	name string
}

// Name returns the column's name.
func (c *column) Name() string { return c.name }

// Value is what a writer of Go structs would ask; rows are written as columns here.
func (c *column) Value(base reflect.Value) reflect.Value { return base }

func newRoot(schema types.Schema) (root, error) {
	r := root{Group: parquet.Group{}}
	for _, c := range schema.Columns {
		leaf, ok := leafOf(c.Kind)
		if !ok {
			return r, fault.New(fault.User, fault.Place{}, "column %q: Parquet holds no %s", c.Name, c.Kind)
		}
		r.Group[c.Name] = parquet.Optional(leaf)
		r.fields = append(r.fields, &column{r.Group[c.Name], c.Name})
	}
	return r, nil
}

func leafOf(kind types.Kind) (parquet.Node, bool) {
	switch kind {
	case types.Boolean:
		return parquet.Leaf(parquet.BooleanType), true
	case types.Int:
		return parquet.Leaf(parquet.Int32Type), true
	case types.BigInt:
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
	case types.Invalid, types.Null, types.Interval:
		return nil, false
	default:
		return nil, false
	}
}
