package sql

// TableName is a table or view by its name.
type TableName struct {
	Name Ident
	// Alias is nil when there is none.
	Alias *Ident
}

// Pos returns where the name starts.
func (n *TableName) Pos() Pos { return n.Name.At }

// String returns the reference as canonical SQL.
func (n *TableName) String() string { return render(n) }

func (*TableName) tableRef() {}
