package nexmark

import "bytes"

const (
	poolBytes = 1 << 20
	minText   = 3 // the shortest random word of the benchmark
	rareOf    = 13
)

// newPool returns the text that long fields are cut from: letters, and a space for every thirteenth.
func newPool(seed uint64) []byte {
	r := randomOf(seed, 0, fieldPool)
	return word(make([]byte, 0, poolBytes), &r, poolBytes, ' ')
}

// word appends n characters: lower-case letters, and rare instead of every thirteenth.
func word(dst []byte, r *random, n int64, rare byte) []byte {
	var pool uint64
	for i := range n {
		if i%4 == 0 {
			pool = r.next()
		}
		x := uint32(pool&0xffff) * rareOf // 16 bits a character: the upper choose rare, what is left the letter
		pool >>= 16
		if x>>16 == 0 {
			dst = append(dst, rare)
		} else {
			dst = append(dst, 'a'+byte((x&0xffff)*26>>16))
		}
	}
	return dst
}

// cut appends n bytes from somewhere in the pool.
func (g *Generator) cut(dst []byte, r *random, n int64) []byte {
	at := r.below(poolBytes - n)
	return append(dst, g.pool[at:at+n]...)
}

// phrase appends a text of 3 to most-1 characters, less the spaces at its ends.
func (g *Generator) phrase(dst []byte, r *random, most int64) []byte {
	n := minText + r.below(most-minText)
	at := r.below(poolBytes - n)
	return append(dst, bytes.Trim(g.pool[at:at+n], " ")...)
}

// extra appends what brings an event of size bytes to the average that is asked for, a fifth more or less.
func (g *Generator) extra(dst []byte, id, size, average int64) []byte {
	missing := min(average-size, poolBytes/2)
	if missing <= 0 {
		return dst
	}
	delta := (missing + 2) / 5 // a fifth, rounded
	n := missing - delta
	r := randomOf(g.seed, id, fieldExtra)
	if delta > 0 {
		n += r.below(2 * delta)
	}
	return g.cut(dst, &r, n)
}

// url appends an address of three directories.
func url(dst []byte, r *random) []byte {
	const most = 5
	dst = append(dst, "https://www.nexmark.com/"...)
	for range 3 {
		dst = append(word(dst, r, minText+r.below(most-minText), '_'), '/')
	}
	return append(dst, "item.htm?query=1"...)
}

// pick appends one of a list.
func pick(dst []byte, r random, list []string) []byte {
	return append(dst, list[r.below(int64(len(list)))]...)
}
