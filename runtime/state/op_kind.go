package state

import "unsafe"

// OpKind is a kind of write. The numbers are part of the encoding of changes.
type OpKind uint8

// The writes.
const (
	// opSuperseded is a write that a later one replaced; it is never seen outside and never encoded.
	opSuperseded OpKind = 0
	// OpPut sets a key to a value.
	OpPut OpKind = 1
	// OpDelete removes a key.
	OpDelete OpKind = 2
	// OpDeleteRange removes the keys from one up to another, that one excluded.
	OpDeleteRange OpKind = 3
)

const opBytes = int(unsafe.Sizeof(op{}))
