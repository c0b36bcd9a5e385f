package logical

import "github.com/millrace/millrace/runtime/types"

// Node is a step of a plan: *Scan, *Filter, *Project, *Window or *Aggregate.
//
//sumtype:decl
type Node interface {
	// Schema lists the columns of the rows that the node gives.
	Schema() types.Schema
	node()
}

// Input returns the node below, or nil below a Scan.
func Input(n Node) Node {
	switch n := n.(type) {
	case *Scan:
		return nil
	case *Filter:
		return n.Input
	case *Project:
		return n.Input
	case *Window:
		return n.Input
	case *Aggregate:
		return n.Input
	default:
		return nil
	}
}
