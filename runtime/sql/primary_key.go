package sql

// PrimaryKey is PRIMARY KEY (columns) NOT ENFORCED in CREATE TABLE.
type PrimaryKey struct {
	At Pos
	// Columns are in the order of the text, each once; there is at least one.
	Columns []Ident
}

// Pos returns where the clause starts.
func (n *PrimaryKey) Pos() Pos { return n.At }

// String returns the clause as canonical SQL.
func (n *PrimaryKey) String() string { return render(n) }
