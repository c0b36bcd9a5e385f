package logical

// WindowKind is a family of windows, named as the table function that makes them.
type WindowKind string

// The kinds of windows.
const (
	// Tumble is windows of one size side by side.
	Tumble WindowKind = "TUMBLE"
	// Hop is windows of one size that begin every step: they overlap, or leave gaps.
	Hop WindowKind = "HOP"
	// Cumulate is windows that begin together and end step after step, up to the size.
	Cumulate WindowKind = "CUMULATE"
	// Session is windows of rows that follow each other closely.
	Session WindowKind = "SESSION"
)
