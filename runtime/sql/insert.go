package sql

// Insert is INSERT INTO table [(columns)] query.
type Insert struct {
	At    Pos
	Table Ident
	// Columns are the named targets in order, each once; nil means the table's own columns by position.
	Columns []Ident
	Query   Query
}

// Pos returns where the statement starts.
func (n *Insert) Pos() Pos { return n.At }

// String returns the statement as canonical SQL.
func (n *Insert) String() string { return render(n) }

func (*Insert) statement() {}
