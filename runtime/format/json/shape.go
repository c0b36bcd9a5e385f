package json

import "github.com/millrace/millrace/runtime/fault"

// Bounds on what is remembered of the records' shape.
const (
	maxMembers    = 256
	maxTokenBytes = 256
)

// shape is what the decoder knows of how records look: which member comes after which. Records of one producer differ
// little, so the next member is compared with the one that came last time before its name is looked up.
type shape struct {
	byName map[string]int // columns
	first  *member        // stands before the first member
	never  *member
	known  map[string]*member // by token
	// stranger is the member at hand when it is not worth remembering.
	stranger member
	name     []byte
}

func newShape(byName map[string]int) shape {
	s := shape{byName: byName, never: newNever(), known: map[string]*member{}}
	s.first = newMember(nil, -1, s.never)
	return s
}

// step reads the member behind the value, or the start, at p. It returns nil at the end of the object.
func (h *shape) step(from *member, s []byte, p int) (m *member, next int, err error) {
	if from.other.at(s, p) {
		from.next, from.other = from.other, from.next
		return from.next, p + len(from.next.token), nil
	}
	start := p
	p = space(s, p)
	switch {
	case from == h.first && (p == len(s) || s[p] != '{'):
		return nil, p, malformed(s, p, "a JSON object")
	case from != h.first && p < len(s) && s[p] == '}':
		return nil, p + 1, atEnd(s, p+1)
	case from != h.first && (p == len(s) || s[p] != ','):
		return nil, p, malformed(s, p, "',' or '}'")
	}
	p = space(s, p+1)
	if from == h.first && p < len(s) && s[p] == '}' {
		return nil, p + 1, atEnd(s, p+1)
	}
	column, plain, p, err := h.read(s, p)
	if err != nil {
		return nil, p, err
	}
	return h.learn(from, s[start:p], column, plain), p, nil
}

// read reads the name at p and what is between it and its value.
func (h *shape) read(s []byte, p int) (column int, plain bool, next int, err error) {
	if p == len(s) || s[p] != '"' {
		return 0, false, p, malformed(s, p, "a member's name")
	}
	end, plain, err := stringEnd(s, p)
	if err != nil {
		return 0, false, end, err
	}
	name := s[p+1 : end-1]
	if !plain {
		if h.name, err = unescape(h.name[:0], s, p); err != nil {
			return 0, false, p, fault.New(fault.Data, fault.Place{}, "not JSON: %s as a member's name", err.Error())
		}
		name = h.name
	}
	column, found := h.byName[string(name)]
	if !found {
		column = -1
	}
	colon := space(s, end)
	if colon == len(s) || s[colon] != ':' {
		return 0, false, colon, malformed(s, colon, "':'")
	}
	return column, plain, space(s, colon+1), nil
}

// learn remembers that a member came after another. What there is no room for is a stranger, after which nothing is
// expected.
func (h *shape) learn(from *member, token []byte, column int, plain bool) *member {
	m, found := h.known[string(token)]
	switch {
	case found:
	case !plain || len(token) > maxTokenBytes || len(h.known) >= maxMembers+len(h.byName) || len(h.known) >= maxMembers && column < 0:
		h.stranger = member{column: column, next: h.never, other: h.never}
		return &h.stranger
	default:
		m = newMember(token, column, h.never)
		h.known[string(m.token)] = m
	}
	if from != &h.stranger {
		from.next, from.other = m, from.next
	}
	return m
}
