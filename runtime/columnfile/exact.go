package columnfile

import (
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// exact returns how the values of a column that a Writer has written are read back; false says that the file's type is not
// what it writes.
func exact(c Column, t parquet.Type) (Conversion, bool) {
	physical := t.Kind()
	if c.Wide {
		return appendBytes, physical == parquet.FixedLenByteArray && t.Length() == WideBytes
	}
	switch c.Kind {
	case types.Boolean:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendBool(v.Boolean())
			return ""
		}, physical == parquet.Boolean
	case types.Int, types.Date:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendInt64(int64(v.Int32()))
			return ""
		}, physical == parquet.Int32
	case types.BigInt, types.Interval, types.Timestamp:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendInt64(v.Int64())
			return ""
		}, physical == parquet.Int64 && (c.Kind == types.Timestamp) == isMicros(t)
	case types.Double:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendFloat64(v.Double())
			return ""
		}, physical == parquet.Double
	case types.String, types.Bytes:
		return appendBytes, physical == parquet.ByteArray
	case types.Null:
		return func(parquet.Value, *batch.Vector) string { return "a value" }, physical == parquet.Boolean
	case types.Invalid:
		return nil, false
	default:
		return nil, false
	}
}

func appendBytes(v parquet.Value, to *batch.Vector) string {
	to.AppendBytes(v.ByteArray())
	return ""
}

// isMicros says whether a type is a TIMESTAMP in microseconds.
func isMicros(t parquet.Type) bool {
	l := t.LogicalType()
	if l == nil {
		return false
	}
	stamp, ok := l.Value.(*format.TimestampType)
	if !ok {
		return false
	}
	_, ok = stamp.Unit.Value.(*format.MicroSeconds)
	return ok
}
