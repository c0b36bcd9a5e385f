package sql

// Statement is one of *CreateTable, *CreateView, *Insert, *QueryStatement.
//
//sumtype:decl
type Statement interface {
	Node
	statement()
}
