package sql

// Call is a function call. SUBSTRING(s FROM a FOR b), POSITION(a IN b) and words such as CURRENT_TIMESTAMP come as plain calls.
type Call struct {
	At Pos
	// Name is as written; functions are looked up without regard to case.
	Name Ident
	// Star says COUNT(*): no Args then.
	Star bool
	// Distinct says DISTINCT before the arguments.
	Distinct bool
	Args     []Expr
	// Filter is the condition of FILTER (WHERE …), or nil.
	Filter Expr
}

// Pos returns where the expression starts.
func (n *Call) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *Call) String() string { return render(n) }

func (*Call) precedence() precedence { return precPrimary }
