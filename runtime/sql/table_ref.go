package sql

// TableRef is what stands in FROM: *TableName, *TableFunction or *Subquery.
//
//sumtype:decl
type TableRef interface {
	Node
	tableRef()
}
