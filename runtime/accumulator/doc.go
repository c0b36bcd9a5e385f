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
// COUNT and SUM of integers are 64 bits. A Memory knows a bound of all its SUMs, so that a look at each row is needed
// only once that bound is beyond the range. AVG of integers sums in 128 bits and divides once. SUM and AVG of DOUBLE add
// in the order of arrival.
package accumulator
