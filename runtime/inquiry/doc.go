// Package inquiry is what can be asked of a job's state: the operators that have some, what a key of theirs looks like as
// text, which partition it belongs to, and how what was found is written. It is pure.
//
//	plan ─► Operators ─► Operator.Key(text) ─► batch of one row, partition ─► operator.Lookup ─► Operator.State ─► JSON
package inquiry
