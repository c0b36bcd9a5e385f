// Package accumulator is the aggregate functions as memory: what COUNT, SUM, MIN, MAX and AVG remember of the rows that
// they have seen, how a batch of rows is added to it, how two of them become one, and how it is written to state.
//
// An entry is some words of a Memory; its owner uses the first ones for itself and gives the functions the rest. Byte
// strings lie in the Memory's arena, and a word holds their place. So an entry is moved by copying words, a million of
// them cost the garbage collector nothing, and a function's loop over a batch is a loop over slices.
//
//	entry   [owner's words │ COUNT │ SUM count │ SUM value │ MIN 0 or 1 │ MIN place │ …]
//	                                                                          └─► arena
//
// SUM and AVG of integers sum in 128 bits, so that no sum overflows on its way and its value does not depend on the order
// of rows; only what a SUM has come to at the end may be beyond its type (Check). SUM and AVG of DOUBLE add in the order
// of arrival.
//
// What one place has made of some rows and another of others is brought together in three ways: entry by entry (Merge),
// as columns of partial results that another Set takes for its input (partial.go), and, where a window slides, by taking
// away what has left it (Subtract).
package accumulator
