package sql

// TypeName is a type as it is spelt: a name, its parameters, and NOT NULL.
type TypeName struct {
	At Pos
	// Name is in upper case and one word: "DOUBLE" for DOUBLE PRECISION, "TIMESTAMP_LTZ" for TIMESTAMP WITH LOCAL TIME
	// ZONE, "TIMESTAMP" for TIMESTAMP WITHOUT TIME ZONE, else what the text says. Whether it exists is the planner's to say.
	Name string
	// Params are those in parentheses: 10 and 2 in DECIMAL(10, 2). Nil when there are none, two at most.
	Params []int
	// NotNull says that NOT NULL stands behind it.
	NotNull bool
}

// Pos returns where the type starts.
func (n *TypeName) Pos() Pos { return n.At }

// String returns the type as canonical SQL.
func (n *TypeName) String() string { return render(n) }
