package sql

// Argument is one argument of a table function, by position or as NAME => value.
type Argument struct {
	At Pos
	// Name is nil when the argument is by position.
	Name  *Ident
	Value ArgumentValue
}

// Pos returns where the argument starts.
func (n *Argument) Pos() Pos { return n.At }

// String returns the argument as canonical SQL.
func (n *Argument) String() string { return render(n) }
