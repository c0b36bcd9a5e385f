package sql

// Descriptor is DESCRIPTOR(column, …) as an argument.
type Descriptor struct {
	At Pos
	// Columns holds at least one.
	Columns []Ident
}

// Pos returns where the argument starts.
func (n *Descriptor) Pos() Pos { return n.At }

// String returns the argument as canonical SQL.
func (n *Descriptor) String() string { return render(n) }

func (*Descriptor) argumentValue() {}
