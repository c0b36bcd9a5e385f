package parquetfile

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/columnfile"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

const (
	microsPerDay = 24 * 60 * 60 * 1_000_000
	// unixEpochJulian is 1970-01-01 as the Julian day that INT96 counts in.
	unixEpochJulian = 2_440_588
)

// convert returns how a column of the file becomes one of a kind; false says that it can't. millis says that the table
// holds times as milliseconds.
func convert(from parquet.Type, kind types.Kind, millis bool) (columnfile.Conversion, bool) {
	var logical format.LogicalTypeValue
	if l := from.LogicalType(); l != nil {
		logical = l.Value
	}
	switch kind {
	case types.Boolean:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendBool(v.Boolean())
			return ""
		}, from.Kind() == parquet.Boolean
	case types.Int, types.BigInt:
		return integers(from, logical, kind)
	case types.Double:
		return doubles(from, logical)
	case types.String:
		return texts(from, logical)
	case types.Bytes:
		return appendBytes, from.Kind() == parquet.ByteArray || from.Kind() == parquet.FixedLenByteArray
	case types.Date:
		_, is := logical.(*format.DateType)
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendInt64(int64(v.Int32()))
			return ""
		}, is
	case types.Timestamp:
		return times(from, logical, millis)
	case types.Invalid, types.Null, types.Interval:
		return nil, false
	default:
		return nil, false
	}
}

func appendBytes(v parquet.Value, to *batch.Vector) string {
	to.AppendBytes(v.ByteArray())
	return ""
}

// whole returns how a column of whole numbers is read, without regard to the range of what it becomes.
func whole(from parquet.Type, logical format.LogicalTypeValue) (read func(parquet.Value) (x int64, ok bool), ok bool) {
	signed := true
	switch l := logical.(type) {
	case nil:
	case *format.IntType:
		signed = l.IsSigned
	default:
		return nil, false
	}
	switch {
	case from.Kind() == parquet.Int32 && signed:
		return func(v parquet.Value) (int64, bool) { return int64(v.Int32()), true }, true
	case from.Kind() == parquet.Int32:
		return func(v parquet.Value) (int64, bool) { return int64(v.Uint32()), true }, true
	case from.Kind() == parquet.Int64 && signed:
		return func(v parquet.Value) (int64, bool) { return v.Int64(), true }, true
	case from.Kind() == parquet.Int64:
		return func(v parquet.Value) (int64, bool) { return v.Int64(), v.Int64() >= 0 }, true
	default:
		return nil, false
	}
}

func integers(from parquet.Type, logical format.LogicalTypeValue, kind types.Kind) (columnfile.Conversion, bool) {
	read, ok := whole(from, logical)
	if d, is := logical.(*format.DecimalType); is {
		read, ok = func(v parquet.Value) (int64, bool) { return wholeDecimal(unscaled(v), d.Scale) }, true
	}
	return func(v parquet.Value, to *batch.Vector) string {
		x, ok := read(v)
		if !ok || kind == types.Int && (x < math.MinInt32 || x > math.MaxInt32) {
			return "a number that is no " + kind.String()
		}
		to.AppendInt64(x)
		return ""
	}, ok
}

func doubles(from parquet.Type, logical format.LogicalTypeValue) (columnfile.Conversion, bool) {
	read, ok := whole(from, logical)
	switch d, isDecimal := logical.(*format.DecimalType); {
	case isDecimal:
		return func(v parquet.Value, to *batch.Vector) string {
			x, err := strconv.ParseFloat(decimal(unscaled(v), d.Scale), 64)
			to.AppendFloat64(x)
			if err != nil {
				return "a number beyond DOUBLE"
			}
			return ""
		}, true
	case logical == nil && from.Kind() == parquet.Float:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendFloat64(float64(v.Float()))
			return ""
		}, true
	case logical == nil && from.Kind() == parquet.Double:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendFloat64(v.Double())
			return ""
		}, true
	}
	return func(v parquet.Value, to *batch.Vector) string {
		x, ok := read(v)
		if !ok {
			return "a number beyond BIGINT"
		}
		to.AppendFloat64(float64(x))
		return ""
	}, ok
}

func texts(from parquet.Type, logical format.LogicalTypeValue) (columnfile.Conversion, bool) {
	switch l := logical.(type) {
	case nil:
		return appendBytes, from.Kind() == parquet.ByteArray
	case *format.StringType, *format.EnumType, *format.JsonType:
		return appendBytes, true
	case *format.DecimalType:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendBytes([]byte(decimal(unscaled(v), l.Scale)))
			return ""
		}, true
	case *format.TimeType:
		return clock(l)
	case *format.UUIDType:
		return func(v parquet.Value, to *batch.Vector) string {
			to.AppendBytes([]byte(uuid(v.ByteArray())))
			return ""
		}, true
	default:
		return nil, false
	}
}

// clock reads a time of day as text.
func clock(t *format.TimeType) (columnfile.Conversion, bool) {
	micros, ok := toMicros(t.Unit)
	return func(v parquet.Value, to *batch.Vector) string {
		x, exact := int64(v.Int32()), false
		if v.Kind() == parquet.Int64 {
			x = v.Int64()
		}
		if x, exact = micros(x); !exact || x < 0 || x >= microsPerDay {
			return "a time of day finer than a microsecond"
		}
		text := kernel.AppendTimestamp(nil, x)
		to.AppendBytes(text[len("1970-01-01 "):])
		return ""
	}, ok
}

func times(from parquet.Type, logical format.LogicalTypeValue, millis bool) (columnfile.Conversion, bool) {
	var read func(parquet.Value) (micros int64, ok bool)
	found := true
	switch l := logical.(type) {
	case *format.TimestampType:
		var micros func(int64) (int64, bool)
		if micros, found = toMicros(l.Unit); found {
			read = func(v parquet.Value) (int64, bool) { return micros(v.Int64()) }
		}
	case *format.DateType:
		read = func(v parquet.Value) (int64, bool) { return int64(v.Int32()) * microsPerDay, true }
	default:
		switch number, isWhole := whole(from, logical); {
		case logical == nil && from.Kind() == parquet.Int96:
			read = julian
		case isWhole && millis:
			read = func(v parquet.Value) (int64, bool) {
				x, ok := number(v)
				return x * 1000, ok && x <= math.MaxInt64/1000 && x >= math.MinInt64/1000
			}
		default:
			found = false
		}
	}
	return func(v parquet.Value, to *batch.Vector) string {
		x, ok := read(v)
		if !ok {
			return "a time that microseconds don't hold"
		}
		to.AppendInt64(x)
		return ""
	}, found
}

// julian reads the INT96 of older writers: nanoseconds of the day, then the day.
func julian(v parquet.Value) (micros int64, ok bool) {
	x := v.Int96()
	nanos := int64(uint64(x[1])<<32 | uint64(x[0])) //nolint:gosec // bits
	return (int64(x[2])-unixEpochJulian)*microsPerDay + nanos/1000, nanos%1000 == 0
}

// toMicros returns how a number of units becomes microseconds; not ok where it does not exactly.
func toMicros(unit format.TimeUnit) (convert func(int64) (micros int64, ok bool), found bool) {
	switch unit.Value.(type) {
	case *format.MilliSeconds:
		return func(x int64) (int64, bool) { return x * 1000, x <= math.MaxInt64/1000 && x >= math.MinInt64/1000 }, true
	case *format.MicroSeconds:
		return func(x int64) (int64, bool) { return x, true }, true
	case *format.NanoSeconds:
		return func(x int64) (int64, bool) { return x / 1000, x%1000 == 0 }, true
	default:
		return nil, false
	}
}

// unscaled returns a DECIMAL's digits as a whole number.
func unscaled(v parquet.Value) *big.Int {
	switch v.Kind() {
	case parquet.Int32:
		return big.NewInt(int64(v.Int32()))
	case parquet.Int64:
		return big.NewInt(v.Int64())
	default: // two's complement, most significant byte first
		raw := v.ByteArray()
		x := new(big.Int).SetBytes(raw)
		if len(raw) > 0 && raw[0]&0x80 != 0 {
			x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
		}
		return x
	}
}

// decimal writes a whole number of 10^-scale.
func decimal(x *big.Int, scale int32) string {
	text := new(big.Int).Abs(x).String()
	if n := int(scale); n > 0 {
		if len(text) <= n {
			text = strings.Repeat("0", n+1-len(text)) + text
		}
		text = text[:len(text)-n] + "." + text[len(text)-n:]
	}
	if x.Sign() < 0 {
		return "-" + text
	}
	return text
}

func wholeDecimal(x *big.Int, scale int32) (int64, bool) {
	rest := new(big.Int)
	x, rest = new(big.Int).QuoRem(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil), rest)
	return x.Int64(), rest.Sign() == 0 && x.IsInt64()
}

func uuid(raw []byte) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for i, c := range raw {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b.WriteByte('-')
		}
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
