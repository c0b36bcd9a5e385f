package json

import "encoding/binary"

// prefix is what stands before a value: brace or comma, name and colon. A short one is written as two words, of which
// the bytes behind it are overwritten by the value.
type prefix struct {
	text       []byte
	head, tail uint64
}

func newPrefix(text []byte) prefix {
	var words [2 * wordBytes]byte
	copy(words[:], text)
	return prefix{text, binary.LittleEndian.Uint64(words[:]), binary.LittleEndian.Uint64(words[wordBytes:])}
}

// room is what put may write to.
func (x *prefix) room() int { return max(len(x.text), 2*wordBytes) }

// put writes the prefix at n and returns where it ends.
func (x *prefix) put(out []byte, n int) int {
	if len(x.text) > 2*wordBytes {
		return n + copy(out[n:], x.text)
	}
	words := out[n : n+2*wordBytes]
	binary.LittleEndian.PutUint64(words, x.head)
	binary.LittleEndian.PutUint64(words[wordBytes:], x.tail)
	return n + len(x.text)
}
