// Package expr is the one expression language: typed trees that a plan carries as JSON, and programs compiled from
// them that run over column batches. Names are resolved and types decided before a tree is made (runtime/logical); here
// nothing is looked up and nothing is converted silently.
//
//	Lookup, NewCall, NewCast    function table: how a call is typed             (planner)
//	Node                        the tree, part of the plan document
//	Compile ─► Program          a tree of evaluators, one a node                (worker)
//	Program.Eval, .Select       batch in, vector or selection out
//
// The function table (functions*.go) is the only place that knows a function: its name, types, text for the reference
// page, and the maker of its code. An evaluator computes the selected rows of a whole batch by a loop of runtime/kernel,
// into a vector that it keeps from batch to batch, so that nothing is allocated in the steady state; the exception is
// REGEXP_EXTRACT with a pattern that is no chain (kernel.Pattern). Evaluators that decide which rows a later argument is
// needed on (AND, OR, CASE, COALESCE) hand it a shorter selection.
//
// A row on which a call fails is noted with the call's place and is NULL from there on, so that the rest of the batch
// goes on. Loops that can fail compute all rows first and keep one flag; only when it is up are the rows looked at one
// by one.
package expr
