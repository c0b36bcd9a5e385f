package logical

import "github.com/millrace/millrace/runtime/fault"

// UnknownTableError is a fault about a name that no table or view has. Whoever compiles for a place where tables come and
// go can tell it from other mistakes: the table may still come.
type UnknownTableError struct {
	// Name is the name that was not found.
	Name  string
	fault *fault.Error
}

// Error returns the fault's text.
func (e *UnknownTableError) Error() string { return e.fault.Error() }

// Unwrap returns the fault.
func (e *UnknownTableError) Unwrap() error { return e.fault }

// MissingTable returns the name that was not found.
func (e *UnknownTableError) MissingTable() string { return e.Name }
