package json

import "slices"

// space returns the first position from p on that is not white space.
func space(s []byte, p int) int {
	for p < len(s) && s[p] <= ' ' && (s[p] == ' ' || s[p] == '\n' || s[p] == '\t' || s[p] == '\r') {
		p++
	}
	return p
}

// atEnd says whether nothing but white space follows.
func atEnd(s []byte, p int) error {
	if p = space(s, p); p < len(s) {
		return malformed(s, p, "the end")
	}
	return nil
}

// closes says whether the record ends as an object does.
func closes(s []byte) error {
	for _, c := range slices.Backward(s) {
		switch c {
		case '}':
			return nil
		case ' ', '\t', '\r', '\n':
		default:
			return malformed(s, len(s), "'}'")
		}
	}
	return malformed(s, len(s), "'}'")
}
