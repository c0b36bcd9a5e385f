package sql

// IsTest is what Is asks.
type IsTest uint8

// The values of IsTest.
const (
	// IsNull is IS NULL.
	IsNull IsTest = iota + 1
	// IsTrue is IS TRUE.
	IsTrue
	// IsFalse is IS FALSE.
	IsFalse
	// IsUnknown is IS UNKNOWN, which is IS NULL of a boolean.
	IsUnknown
)

// String returns the word in upper case.
func (i IsTest) String() string {
	switch i {
	case IsNull:
		return "NULL"
	case IsTrue:
		return "TRUE"
	case IsFalse:
		return "FALSE"
	case IsUnknown:
		return "UNKNOWN"
	default:
		return ""
	}
}
