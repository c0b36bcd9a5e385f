package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Error is an error with its kind, place and remedy. Build it with New or Wrap; a value is immutable after that.
type Error struct {
	// Kind decides what happens next.
	Kind Kind
	// Place is where it is; the zero value prints nothing.
	Place Place
	// Message says what is wrong, in lower case, with no trailing full stop.
	Message string
	// Remedy says what to do, in the imperative; empty when there is nothing useful to say.
	Remedy string
	// Cause is the wrapped error, or nil.
	Cause error
}

// New returns an error of a kind at a place.
func New(kind Kind, place Place, format string, args ...any) *Error {
	return &Error{Kind: kind, Place: place, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an error of a kind that has a cause. The message says what was being done, as in "read the changelog".
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// At returns a copy of the error at another place.
func (e *Error) At(place Place) *Error {
	c := *e
	c.Place = place
	return &c
}

// Do returns a copy of the error with a remedy.
func (e *Error) Do(format string, args ...any) *Error {
	c := *e
	c.Remedy = fmt.Sprintf(format, args...)
	return &c
}

// Error prints "place: message: cause; remedy", leaving out what is empty.
func (e *Error) Error() string {
	var b strings.Builder
	if p := e.Place.String(); p != "" {
		b.WriteString(p)
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	if e.Cause != nil {
		b.WriteString(": ")
		b.WriteString(e.Cause.Error())
	}
	if e.Remedy != "" {
		b.WriteString("; ")
		b.WriteString(e.Remedy)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of the outermost classified error in err's chain, and Unknown when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unknown
}

// PlaceOf returns the place of the first error in err's chain that has one.
func PlaceOf(err error) (Place, bool) {
	for err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return Place{}, false
		}
		if e.Place != (Place{}) {
			return e.Place, true
		}
		err = e.Cause
	}
	return Place{}, false
}
