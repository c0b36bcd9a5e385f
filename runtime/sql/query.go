package sql

// Query is what yields rows. It is *Select; set operations will join it.
//
//sumtype:decl
type Query interface {
	Node
	query()
}
