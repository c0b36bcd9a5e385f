// Package conformance holds what the SQL means, as text: rows in, SQL, rows out. The files in testdata are the
// reference for anyone who wants to know what happens at an edge; docs/reference/semantics.md names them.
//
// Every query runs several ways - in one go, row by row, over several workers with transactions that abort and workers
// that crash - and must give the same rows each time.
package conformance
