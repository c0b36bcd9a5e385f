package sql

// ColumnDef is one column of CREATE TABLE: a name and a type.
type ColumnDef struct {
	At   Pos
	Name Ident
	Type *TypeName
}

// Pos returns where the column starts.
func (n *ColumnDef) Pos() Pos { return n.At }

// String returns the column as canonical SQL.
func (n *ColumnDef) String() string { return render(n) }
