package sql

// Star is * or t.* in a select list.
type Star struct {
	At Pos
	// Table is nil for a bare *.
	Table *Ident
}

// Pos returns where the item starts.
func (n *Star) Pos() Pos { return n.At }

// String returns the item as canonical SQL.
func (n *Star) String() string { return render(n) }

func (*Star) selectItem() {}
