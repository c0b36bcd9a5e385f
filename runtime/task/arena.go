package task

import "slices"

// Arena makes the bytes of emitted keys and values. A worker has one for all of its tasks: the producer keeps values
// uncopied until its transaction is over, and then the worker calls Recycle, so that the next transaction writes into
// the same memory. The zero value is ready. One goroutine uses it.
//
//	chunk (256 KiB)  │ value │ value │ value │ free … │    a value that doesn't fit begins the next chunk
type Arena struct {
	chunk []byte   // in use; free is cap - len
	full  [][]byte // in use, no room left
	spare [][]byte // free again
	held  int      // bytes in full
}

const (
	arenaChunkBytes = 256 << 10
	// arenaSpareChunks bounds what is kept between transactions: 16 MiB.
	arenaSpareChunks = 64
)

// Tail returns an empty slice with room for at least n bytes. Append the value to it and hand the result to Keep; what
// outgrows the room moves to memory of its own, as append does.
func (a *Arena) Tail(n int) []byte {
	if cap(a.chunk)-len(a.chunk) < n {
		a.next(n)
	}
	return a.chunk[len(a.chunk):]
}

// Keep takes a value that was appended to the last Tail, and returns it with no spare capacity.
func (a *Arena) Keep(value []byte) []byte {
	if n := len(a.chunk); n+len(value) <= cap(a.chunk) {
		if len(value) > 0 && &value[0] == &a.chunk[: n+1 : cap(a.chunk)][n] {
			a.chunk = a.chunk[:n+len(value)]
		}
	}
	return slices.Clip(value)
}

// Bytes is the memory that is in use, which no transaction has given back yet.
func (a *Arena) Bytes() int { return a.held + len(a.chunk) }

// Recycle makes all memory free again. Nobody may hold a value of this arena any more.
func (a *Arena) Recycle() {
	if a.chunk != nil {
		a.full = append(a.full, a.chunk)
		a.chunk = nil
	}
	for _, c := range a.full {
		if cap(c) == arenaChunkBytes && len(a.spare) < arenaSpareChunks {
			a.spare = append(a.spare, c[:0])
		}
	}
	clear(a.full)
	a.full, a.held = a.full[:0], 0
}

// Drop forgets all memory instead: for a transaction that was aborted while requests may still be on their way.
func (a *Arena) Drop() {
	clear(a.full)
	a.chunk, a.full, a.held = nil, a.full[:0], 0
}

func (a *Arena) next(n int) {
	if a.chunk != nil {
		a.full = append(a.full, a.chunk)
		a.held += cap(a.chunk)
	}
	last := len(a.spare) - 1
	switch {
	case n > arenaChunkBytes:
		a.chunk = make([]byte, 0, n)
	case last >= 0:
		a.chunk, a.spare = a.spare[last], a.spare[:last]
	default:
		a.chunk = make([]byte, 0, arenaChunkBytes)
	}
}
