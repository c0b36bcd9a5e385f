package sql

// Node is any part of a syntax tree. Nodes are made by the parser and read-only after that.
type Node interface {
	// Pos returns where the node starts.
	Pos() Pos
	// String returns the node as canonical SQL on one line.
	String() string

	write(p *printer)
}
