package sql

// Ident is a name as it was written, without its quotes. Names keep their case.
type Ident struct {
	// At is where the name starts.
	At Pos
	// Name is the name itself; never empty in a parsed tree.
	Name string
}

// Pos returns where the name starts.
func (n Ident) Pos() Pos { return n.At }

// String returns the name, in backticks where it needs them.
func (n Ident) String() string { return render(n) }
