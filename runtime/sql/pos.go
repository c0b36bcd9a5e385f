package sql

import (
	"strconv"

	"github.com/millrace/millrace/runtime/fault"
)

// Pos is where a node starts in its text. The zero value is nowhere: a node that no text wrote.
type Pos struct {
	// Line counts from 1.
	Line int
	// Column counts characters from 1.
	Column int
	// Offset counts bytes from 0.
	Offset int
}

// In returns the position as a place of the named text, for error messages.
func (p Pos) In(file string) fault.Place { return fault.InText(file, p.Line, p.Column) }

// String returns line:column.
func (p Pos) String() string { return strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) }
