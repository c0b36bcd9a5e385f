package sql

// ColumnRef is a column by its name: a or t.a.
type ColumnRef struct {
	// Table is nil for a name alone.
	Table *Ident
	Name  Ident
}

// Pos returns where the reference starts.
func (n *ColumnRef) Pos() Pos {
	if n.Table != nil {
		return n.Table.At
	}
	return n.Name.At
}

// String returns the reference as canonical SQL.
func (n *ColumnRef) String() string { return render(n) }

func (*ColumnRef) precedence() precedence { return precPrimary }
