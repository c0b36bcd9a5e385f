package expr

import (
	"math"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// conversion returns the rowFunc of a conversion that castable allows and that is neither a relabel nor toDouble.
func conversion(from, to types.Kind) rowFunc {
	switch {
	case from == types.Bytes && to == types.String:
		return bytesToText
	case to == types.String:
		return toText
	case from == types.String:
		return textTo(to)
	case from == types.Double:
		return doubleTo(to)
	case from == types.Timestamp:
		return timestampToDate
	case to == types.Timestamp:
		return dateToTimestamp
	default: // BIGINT to INT
		return narrowInteger
	}
}

func toText(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	start := len(out.Data)
	out.Data = appendText(out.Data, in[0], i)
	out.SetTail(i, start)
	return nil
}

func bytesToText(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	b := in[0].Bytes(i)
	if !utf8.Valid(b) {
		return fault.New(fault.Data, fault.Place{}, "BYTES that are not UTF-8 can't be a STRING")
	}
	out.SetBytes(i, b)
	return nil
}

func textTo(to types.Kind) rowFunc {
	return func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		s := in[0].Bytes(i)
		ok := false
		switch to {
		case types.Boolean:
			out.Bool[i], ok = kernel.ParseBool(s)
		case types.Double:
			out.Float64[i], ok = kernel.ParseFloat(s)
		case types.Int:
			out.Int64[i], ok = kernel.ParseInt(s)
			ok = ok && kernel.FitsInt32(out.Int64[i])
		case types.BigInt:
			out.Int64[i], ok = kernel.ParseInt(s)
		case types.Date:
			out.Int64[i], ok = kernel.ParseDate(s)
		case types.Timestamp:
			out.Int64[i], ok = kernel.ParseTimestamp(s)
		case types.Interval:
			out.Int64[i], ok = kernel.ParseInterval(s)
		case types.Invalid, types.Null, types.String, types.Bytes:
		}
		if !ok {
			return uncastable(in[0], i, to)
		}
		return nil
	}
}

func doubleTo(to types.Kind) rowFunc {
	low, high := float64(math.MinInt64), -float64(math.MinInt64)
	if to == types.Int {
		low, high = math.MinInt32, -float64(math.MinInt32)
	}
	return func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		x := math.Trunc(in[0].Float64[i])
		if !(x >= low && x < high) { // NaN is neither
			return uncastable(in[0], i, to)
		}
		out.Int64[i] = int64(x)
		return nil
	}
}

func narrowInteger(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	out.Int64[i] = in[0].Int64[i]
	if !kernel.FitsInt32(out.Int64[i]) {
		return uncastable(in[0], i, types.Int)
	}
	return nil
}

func timestampToDate(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	out.Int64[i], _ = kernel.DayOf(in[0].Int64[i])
	return nil
}

func dateToTimestamp(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	var ok bool
	if out.Int64[i], ok = kernel.MultiplyOne(in[0].Int64[i], kernel.MicrosPerDay); !ok {
		return uncastable(in[0], i, types.Timestamp)
	}
	return nil
}

func uncastable(v *batch.Vector, i int, to types.Kind) *fault.Error {
	return fault.New(fault.Data, fault.Place{}, "%s is no %s", valueText(v, i), to)
}
