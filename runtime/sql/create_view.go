package sql

// CreateView is CREATE VIEW name AS query.
type CreateView struct {
	At    Pos
	Name  Ident
	Query Query
}

// Pos returns where the statement starts.
func (n *CreateView) Pos() Pos { return n.At }

// String returns the statement as canonical SQL.
func (n *CreateView) String() string { return render(n) }

func (*CreateView) statement() {}
