package sql

// QueryStatement is a bare query: its rows go to whoever asked.
type QueryStatement struct {
	Query Query
}

// Pos returns where the query starts.
func (n *QueryStatement) Pos() Pos { return n.Query.Pos() }

// String returns the query as canonical SQL.
func (n *QueryStatement) String() string { return render(n) }

func (*QueryStatement) statement() {}
