package types

import "strings"

// Kind is an SQL type without its parameters.
type Kind uint8

// The kinds. Plans hold them by name (MarshalText), never by number, so the order is free.
const (
	// Invalid is the zero value: no type yet.
	Invalid Kind = iota
	// Null is the type of the literal NULL before its context gives it one.
	Null
	// Boolean is TRUE or FALSE.
	Boolean
	// Int is a signed 32-bit integer.
	Int
	// BigInt is a signed 64-bit integer.
	BigInt
	// Double is an IEEE 754 64-bit float.
	Double
	// String is UTF-8 text; comparison is by bytes.
	String
	// Bytes is a byte string.
	Bytes
	// Date is days since 1970-01-01.
	Date
	// Timestamp is microseconds since 1970-01-01T00:00:00Z, UTC.
	Timestamp
	// Interval is a duration in microseconds (day-time intervals only).
	Interval
)

// Storage says which slice of a vector holds the values of a kind.
type Storage uint8

// The storage classes. Kernels are written once per class, not once per kind.
const (
	// StoreNone is the storage of Invalid and Null.
	StoreNone Storage = iota
	// StoreBool is one bool a value.
	StoreBool
	// StoreInt64 is one int64 a value: INT, BIGINT, DATE (days), TIMESTAMP and INTERVAL (microseconds).
	StoreInt64
	// StoreFloat64 is one float64 a value.
	StoreFloat64
	// StoreBytes is a view into a byte arena a value: STRING and BYTES.
	StoreBytes
)

func (k Kind) name() string {
	switch k {
	case Null:
		return "NULL"
	case Boolean:
		return "BOOLEAN"
	case Int:
		return "INT"
	case BigInt:
		return "BIGINT"
	case Double:
		return "DOUBLE"
	case String:
		return "STRING"
	case Bytes:
		return "BYTES"
	case Date:
		return "DATE"
	case Timestamp:
		return "TIMESTAMP"
	case Interval:
		return "INTERVAL"
	case Invalid:
		return "INVALID"
	default:
		return "INVALID"
	}
}

// String returns the SQL name of the kind.
func (k Kind) String() string { return k.name() }

// MarshalText writes the SQL name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.name()), nil }

// UnmarshalText reads a SQL name; an unknown one is an error.
func (k *Kind) UnmarshalText(b []byte) error {
	found, ok := KindByName(string(b))
	if !ok {
		return &UnknownKindError{Name: string(b)}
	}
	*k = found
	return nil
}

// UnknownKindError says that a type name is not one of ours.
type UnknownKindError struct{ Name string }

// Error names the type.
func (e *UnknownKindError) Error() string { return "unknown type " + e.Name }

// KindByName finds a kind by its SQL name or a usual alias, in any case. INVALID and NULL are not found.
func KindByName(name string) (Kind, bool) {
	switch strings.ToUpper(name) {
	case "BOOLEAN", "BOOL":
		return Boolean, true
	case "INT", "INTEGER":
		return Int, true
	case "BIGINT":
		return BigInt, true
	case "DOUBLE", "DOUBLE PRECISION":
		return Double, true
	case "STRING", "VARCHAR", "TEXT":
		return String, true
	case "BYTES", "VARBINARY":
		return Bytes, true
	case "DATE":
		return Date, true
	case "TIMESTAMP":
		return Timestamp, true
	case "INTERVAL":
		return Interval, true
	default:
		return Invalid, false
	}
}

// Storage returns the storage class of the kind.
func (k Kind) Storage() Storage {
	switch k {
	case Boolean:
		return StoreBool
	case Int, BigInt, Date, Timestamp, Interval:
		return StoreInt64
	case Double:
		return StoreFloat64
	case String, Bytes:
		return StoreBytes
	case Invalid, Null:
		return StoreNone
	default:
		return StoreNone
	}
}

// Numeric says whether arithmetic applies to the kind as to a number.
func (k Kind) Numeric() bool { return k == Int || k == BigInt || k == Double }
