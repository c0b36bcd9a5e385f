package sql

// Script is a whole text: its statements in order.
type Script struct {
	// Statements are in the order of the text; there is at least one.
	Statements []Statement
}

// String returns the statements as canonical SQL, each on its line and ended by a semicolon.
func (s *Script) String() string {
	var p printer
	for _, stmt := range s.Statements {
		stmt.write(&p)
		p.text(";\n")
	}
	return p.b.String()
}
