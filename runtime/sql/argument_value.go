package sql

// ArgumentValue is the value of a table function's argument: *TableArg, *Descriptor or *ExprArg.
//
//sumtype:decl
type ArgumentValue interface {
	Node
	argumentValue()
}
