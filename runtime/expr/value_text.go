package expr

import (
	"strconv"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// mostQuotedBytes is how much of a string a message repeats.
const mostQuotedBytes = 40

// valueText returns a value as messages show it.
func valueText(v *batch.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	switch v.Kind {
	case types.String:
		s := v.Bytes(i)
		if len(s) > mostQuotedBytes {
			return strconv.Quote(string(s[:mostQuotedBytes])) + "…"
		}
		return strconv.Quote(string(s))
	case types.Bytes:
		return strconv.Itoa(len(v.Bytes(i))) + " bytes"
	default:
		return string(appendText(nil, v, i))
	}
}

// appendText appends a value as CAST to STRING gives it.
func appendText(dst []byte, v *batch.Vector, i int) []byte {
	switch v.Kind {
	case types.Boolean:
		return strconv.AppendBool(dst, v.Bool[i])
	case types.Int, types.BigInt:
		return strconv.AppendInt(dst, v.Int64[i], 10)
	case types.Double:
		return kernel.AppendFloat(dst, v.Float64[i])
	case types.Date:
		return kernel.AppendDate(dst, v.Int64[i])
	case types.Timestamp:
		return kernel.AppendTimestamp(dst, v.Int64[i])
	case types.Interval:
		return kernel.AppendInterval(dst, v.Int64[i])
	case types.String, types.Bytes:
		return append(dst, v.Bytes(i)...)
	case types.Null, types.Invalid:
		return dst
	default:
		return dst
	}
}
