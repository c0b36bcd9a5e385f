package assign

import "github.com/millrace/millrace/runtime/window"

// Config says how rows are assigned.
type Config struct {
	// Time is the position of the TIMESTAMP column.
	Time int
	// Shape is the windows.
	Shape window.Shape
	// Slices keeps a row one row, and appends the ends of the first and the last window that it counts in. Else a row
	// becomes a row for each window, with the window's start and end.
	Slices bool
}
