package json

import (
	"bytes"
	"encoding/binary"
)

// wordBytes is the size of the words in which texts are compared and scanned.
const wordBytes = 8

// member is one member of an object as it stood in a record: what is between the value before it and its own. Members
// are compared by their first and their last word, which overlap in most names.
//
//	{"auction":17, "bidder":3}
//	└────┬────┘  └────┬───┘
//	 token of the     token of the one that came next
//	 first
type member struct {
	token []byte
	// head and tail are the first and the last word of the token; mask leaves its bytes of a word when it is shorter.
	head, tail, mask uint64
	// room is the length of the token, at least a word.
	room int
	// column is the column that the value goes to, or -1.
	column int
	// next and other are the members that came after this one, the last time and the last time that it was another one.
	next, other *member
}

// newNever returns a member that no text matches.
func newNever() *member {
	m := &member{head: 1, room: wordBytes, column: -1}
	m.next, m.other = m, m
	return m
}

func newMember(token []byte, column int, never *member) *member {
	m := &member{token: bytes.Clone(token), room: max(len(token), wordBytes), mask: ^uint64(0), column: column, next: never, other: never}
	var word [wordBytes]byte
	copy(word[:], token)
	m.head = binary.LittleEndian.Uint64(word[:])
	m.tail = m.head
	if short := wordBytes - len(token); short > 0 {
		m.mask >>= 8 * short
	} else {
		m.tail = binary.LittleEndian.Uint64(token[len(token)-wordBytes:])
	}
	return m
}

// at says whether the member stands at p.
func (m *member) at(s []byte, p int) bool {
	t := s[p:]
	if len(t) < m.room {
		return len(m.token) > 0 && bytes.HasPrefix(t, m.token)
	}
	if binary.LittleEndian.Uint64(t)&m.mask != m.head || binary.LittleEndian.Uint64(t[m.room-wordBytes:])&m.mask != m.tail {
		return false
	}
	return m.room <= 2*wordBytes || string(t[wordBytes:m.room-wordBytes]) == string(m.token[wordBytes:m.room-wordBytes])
}
