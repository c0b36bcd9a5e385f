// Package kernel holds the loops that do the work: functions over slices of values, and the functions of one value that
// the loops of strings and times call. It knows columns but no expressions; nothing here allocates but to grow a buffer
// that it was given.
//
// A selection lists rows in ascending order, and nil stands for all rows. So an empty selection must not be nil: make
// buffers of selections before use. Loops of numbers run over NULL rows too, whose values mean nothing; a flag that such
// a row raises is cleared by the caller's second look, which is taken only when a flag is up.
//
// Comparison is a total order: FALSE before TRUE, strings by bytes, and NaN equal to NaN and above all other numbers, as
// in PostgreSQL, so that MIN, MAX, grouping and windows agree with it. -0 equals 0.
package kernel
