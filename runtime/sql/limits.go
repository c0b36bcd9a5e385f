package sql

const (
	// MaxTextBytes bounds the size of a text, in bytes.
	MaxTextBytes = 1 << 20
	// MaxNesting bounds how deep parentheses, calls, queries, NOT and signs nest, in levels.
	MaxNesting = 200
	// MaxTreeDepth bounds the depth of an expression's tree, in operators from the top to any leaf. A chain such as
	// a OR b OR c leans to the left, so it is as deep as it has operators.
	MaxTreeDepth = 1000
)
