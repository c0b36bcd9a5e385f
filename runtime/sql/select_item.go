package sql

// SelectItem is one item of a select list: *Star or *SelectExpr.
//
//sumtype:decl
type SelectItem interface {
	Node
	selectItem()
}
