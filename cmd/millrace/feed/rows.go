package feed

import "github.com/millrace/millrace/runtime/fault"

// rows are the rows of a file as the values of records.
type rows interface {
	// next returns the next record's value, valid until the next call, and the number of its line or, in a file without
	// lines, of its row, from 1. Behind the last one it returns io.EOF; other errors have their place.
	next() (value []byte, number int, err error)
	// place returns where the row of a number is.
	place(number int) fault.Place
}
