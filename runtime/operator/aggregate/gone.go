package aggregate

import "math/bits"

const (
	wordBits = 64
	// goneShare is the part of the memory bound, one of so many, that a table's bitmap takes, and mostGone of how many tables there are some.
	goneShare = 8
	mostGone  = 2
)

// gone is a bitmap of hashes: of groups that were evicted. A group whose bit is not set need not be looked for in the view, which is
// most of the cost of a key that comes for the first time. nil knows nothing. A process that opens a window's state begins without.
type gone []uint64

// newGone returns an empty one that takes at most so many bytes.
func newGone(bytes int) gone { return make(gone, 1<<(bits.Len(uint(max(bytes, wordBits))/8)-1)) }

func (g gone) bytes() int { return 8 * len(g) }

// place returns the word and the bit of an entry's tag.
func (g gone) place(tag uint64) (word int, bit uint64) {
	n := int(tag>>hashShift) & (len(g)*wordBits - 1)
	return n / wordBits, 1 << (n % wordBits)
}

// add notes an entry that is evicted.
func (g gone) add(tag uint64) {
	word, bit := g.place(tag)
	g[word] |= bit
}

// may says whether a group with that tag may have been evicted.
func (g gone) may(tag uint64) bool {
	if g == nil {
		return true
	}
	word, bit := g.place(tag)
	return g[word]&bit != 0
}
