package admission

import (
	"errors"

	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/fault"
)

// Answer is what is said of a change. It is refused where there are refusals, and the warnings are said either way.
type Answer struct {
	Refusals []Refusal
	Warnings []string
	// Waits says that a table was not there, so that it may help to look again past a cache.
	Waits bool
}

// Refusal is one reason for which a change is refused.
type Refusal struct {
	// Reason is the API's reason, as the condition of a stored object would have it.
	Reason string
	// Field is the path of the field; Line and Column count from 1 in a text that it holds, and are 0 where there is none.
	Field        string
	Line, Column int
	// Message is the whole sentence: the place, what is wrong, what to do. Hint is what to do alone, where something is known.
	Message, Hint string
}

// Refused says whether the change is refused.
func (a *Answer) Refused() bool { return len(a.Refusals) > 0 }

func (a *Answer) warn(messages ...string) { a.Warnings = append(a.Warnings, messages...) }

// object is about an obstacle: refuse it, or, where it may go away or the change does not touch it, warn.
func (a *Answer) object(o lifecycle.Obstacle, cause error, field string, touched bool) {
	if o.Waiting || !touched {
		a.Waits = a.Waits || o.Waiting
		a.warn(o.Message)
		return
	}
	r := Refusal{Reason: o.Reason, Field: field, Message: o.Message}
	if place, ok := fault.PlaceOf(cause); ok {
		r.Line, r.Column = place.Line, place.Column
		switch { // a text is named by the field that holds it
		case place.Field != "":
			r.Field = place.Field
		case place.File != "":
			r.Field = place.File
		}
	}
	r.Hint = remedy(cause)
	a.Refusals = append(a.Refusals, r)
}

// remedy returns the first remedy in an error's chain.
func remedy(err error) string {
	for err != nil {
		e, ok := errors.AsType[*fault.Error](err)
		if !ok {
			return ""
		}
		if e.Remedy != "" {
			return e.Remedy
		}
		err = e.Cause
	}
	return ""
}

// unchecked is for what kept a change from being judged, which is nobody's mistake: it is taken.
func (a *Answer) unchecked(what string, err error) {
	a.warn(what + " was not checked: " + err.Error())
}
