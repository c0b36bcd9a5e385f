// Package logical turns a syntax tree into typed plans: what is computed, not yet where.
//
//	sql.Script ──Bind──► Program: an Insert a statement, over a chain of
//
//	   Scan ─► Filter ─► Window ─► Filter ─► Aggregate ─► Filter ─► Project
//
//	        ──Optimize─► the same in its normal form: filters as low as they can stand, projections merged, and the
//	                     Scan reading only columns that something uses
//
// The binder resolves names to positions, decides every type, and makes each conversion a CAST that can be seen; what
// comes after it looks nothing up. Chains are linear as long as there are no joins. Everything here is pure: the
// admission webhook, the command line and the tests run the same code.
//
// Column positions in an expression count in the output of the node's input. Nodes are immutable once built; rules
// return new ones.
package logical
