package task

import "slices"

// Arena makes the bytes of emitted keys and values. A worker has one for all of its tasks: the producer keeps values
// uncopied until they are answered, at the latest when its transaction is over. A chunk whose values are all answered is
// written into again, and so are all when the worker calls Recycle. The zero value is ready, and reuses nothing before
// Recycle. One goroutine uses it.
//
//	chunk (256 KiB)  │ value │ value │ value │ free … │    a value that doesn't fit begins the next chunk
//
// A value must be emitted before the next Tail.
type Arena struct {
	// Answers, where it is set, says what the producer is done with.
	Answers Answers

	chunk []byte   // in use; free is cap - len
	full  []used   // in use, no room left; the oldest first
	spare [][]byte // free again
}

// used is a chunk whose values are all emitted: they are answered when as many emissions are.
type used struct {
	chunk   []byte
	emitted int64
}

// Answers counts what was emitted and what of it was answered, from the first emission on: the first Answered() ones
// are done with, and their bytes are free.
type Answers interface {
	Emitted() int64
	Answered() int64
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

// Recycle makes all memory free again. Nobody may hold a value of this arena any more.
func (a *Arena) Recycle() {
	a.retire()
	for _, u := range a.full {
		a.free(u)
	}
	clear(a.full)
	a.full = a.full[:0]
}

// Drop forgets all memory instead: for a transaction that was aborted while requests may still be on their way.
func (a *Arena) Drop() {
	clear(a.full)
	a.chunk, a.full = nil, a.full[:0]
}

// next begins a chunk with room for n bytes.
func (a *Arena) next(n int) {
	a.retire()
	a.reclaim()
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

// retire puts the chunk in use to the full ones.
func (a *Arena) retire() {
	if a.chunk == nil {
		return
	}
	u := used{chunk: a.chunk}
	if a.Answers != nil {
		u.emitted = a.Answers.Emitted()
	}
	a.full, a.chunk = append(a.full, u), nil
}

// reclaim frees the chunks whose values are answered.
func (a *Arena) reclaim() {
	if a.Answers == nil {
		return
	}
	n, answered := 0, a.Answers.Answered()
	for n < len(a.full) && a.full[n].emitted <= answered {
		a.free(a.full[n])
		n++
	}
	a.full = slices.Delete(a.full, 0, n)
}

func (a *Arena) free(u used) {
	if cap(u.chunk) == arenaChunkBytes && len(a.spare) < arenaSpareChunks {
		a.spare = append(a.spare, u.chunk[:0])
	}
}
