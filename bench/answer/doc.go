// Package answer reads what an engine wrote and brings it into a form that does not depend on who wrote it, so that the
// engines of a comparison can be held to the same answer: a benchmark of wrong answers is none.
//
//	records ─► row: columns in the query's order, numbers to three decimals ─► 64-bit hashes ─► sorted ─► digest
//
// An engine that emits a window on every update says which one by the record's key; the last value of a key counts, and a
// record without a value takes it back. Windows of the closing events, which no watermark ever closes, are left out.
package answer
