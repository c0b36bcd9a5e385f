package json

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// maxQuotedBytes bounds what a message repeats of a record.
const maxQuotedBytes = 40

// malformed says what was expected at p of a text that is not JSON.
func malformed(s []byte, p int, expected string) error {
	if len(s) == 0 {
		return fault.New(fault.Data, fault.Place{}, "the record is empty, not a JSON object")
	}
	if p >= len(s) {
		return fault.New(fault.Data, fault.Place{}, "not JSON: the record ends at byte %d, expected %s", p, expected)
	}
	return fault.New(fault.Data, fault.Place{}, "not JSON: %q at byte %d, expected %s", s[p:min(p+1, len(s))], p, expected)
}

// mismatch says that the value at p is not of the column's type.
func mismatch(c *types.Column, s []byte, p int) error {
	return unfit(c, "expected "+c.Kind.String()+", found "+found(s, p))
}

// unfit says what is wrong with a column's value.
func unfit(c *types.Column, what string) error {
	return fault.New(fault.Data, fault.Place{}, "column %q: %s", c.Name, what)
}

func found(s []byte, p int) string {
	if p >= len(s) {
		return "the end of the record"
	}
	switch s[p] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return "a number"
	default:
		return "what is not JSON"
	}
}

// quoted is a piece of a record for a message.
func quoted(s []byte) string {
	if len(s) > maxQuotedBytes {
		return string(s[:maxQuotedBytes]) + "…"
	}
	return string(s)
}
