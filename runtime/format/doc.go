// Package format turns records into rows and rows into records. A format is a sub-package with a decoder that appends
// straight to the columns that a job reads, and an encoder that appends a row's bytes to a buffer.
//
//	record value ─► Decoder ─► one row at the end of every column
//	row of a batch ─► Encoder ─► bytes at the end of a buffer
package format
