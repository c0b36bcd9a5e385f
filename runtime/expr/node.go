package expr

import "github.com/millrace/millrace/runtime/types"

// Node is one node of a typed expression tree. Exactly one of Column, Literal and Call is set. Nodes are immutable
// once built, so that plans may share them; their JSON is part of the plan format.
type Node struct {
	// Kind is the type of the node's value.
	Kind types.Kind `json:"type"`
	// Column reads a column of the input batch, by position.
	Column *Column `json:"column,omitempty"`
	// Literal is a constant.
	Literal *Literal `json:"literal,omitempty"`
	// Call applies a function or operator.
	Call *Call `json:"call,omitempty"`
}

// Column reads one input column.
type Column struct {
	// Index is the position in the input batch, from 0.
	Index int `json:"index"`
	// Name is for people: messages and EXPLAIN.
	Name string `json:"name"`
}

// Literal is a constant. All members but the one of the node's storage class are nil; all nil is NULL.
type Literal struct {
	Bool    *bool    `json:"bool,omitempty"`
	Int64   *int64   `json:"int64,omitempty,string"`
	Float64 *float64 `json:"float64,omitempty"`
	Bytes   []byte   `json:"bytes,omitzero"`
	Text    *string  `json:"text,omitempty"`
}

// Call applies a function to arguments. Operators are functions named by their sign ("+", "AND", "CASE", "CAST").
type Call struct {
	// Function is a name of the function table (Lookup).
	Function string `json:"function"`
	Args     []Node `json:"args"`
	// Line and Column are where the call stands in the query, for messages about rows on which it fails; 0 unknown.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}
