package sql

// TableFunction is a function in FROM, such as TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR), with or without
// TABLE( … ) around it. Which functions exist is the planner's to say.
type TableFunction struct {
	At   Pos
	Name Ident
	// Args are in the order of the text; either all are named or none is.
	Args []*Argument
	// Alias is nil when there is none.
	Alias *Ident
}

// Pos returns where the function's name starts.
func (n *TableFunction) Pos() Pos { return n.At }

// String returns the reference as canonical SQL, without TABLE( … ) around it.
func (n *TableFunction) String() string { return render(n) }

func (*TableFunction) tableRef() {}
