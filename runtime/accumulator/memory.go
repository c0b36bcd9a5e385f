package accumulator

import "math"

// Memory is what the accumulators of many entries lie in. An entry is named by the position of its first word.
type Memory struct {
	Words []uint64
	Arena []byte
}

// Reset empties the memory, keeping what it has allocated if keep is set.
func (m *Memory) Reset(keep bool) {
	if !keep {
		*m = Memory{}
		return
	}
	*m = Memory{Words: m.Words[:0], Arena: m.Arena[:0]}
}

// Text returns the bytes at a place in the arena; they are valid until the next Keep.
func (m *Memory) Text(place uint64) []byte {
	from, n := place>>32, place&math.MaxUint32
	return m.Arena[from : from+n : from+n]
}

// Keep copies bytes to the arena and returns their place. The arena is far below 4 GiB: its owner bounds its memory, and
// looks after each batch.
func (m *Memory) Keep(b []byte) (place uint64) {
	place = uint64(len(m.Arena))<<32 | uint64(len(b))
	m.Arena = append(m.Arena, b...)
	return place
}
