package json

import (
	"bytes"

	"github.com/millrace/millrace/runtime/fault"
)

// Bounds on what is remembered of a record's shape.
const (
	maxShapeMembers = 256
	maxTokenBytes   = 256
)

// member is one member of the predicted shape: its name with quotes and colon, as it stood in the record, and its
// column or -1.
type member struct {
	token  []byte
	column int
}

// member reads the name of the n-th member at p and returns its column, -1 for none, and where its value begins.
func (d *Decoder) member(s []byte, p, n int) (column, next int, err error) {
	if n < len(d.shape) {
		if m := &d.shape[n]; len(s)-p > len(m.token) && string(s[p:p+len(m.token)]) == string(m.token) {
			return m.column, space(s, p+len(m.token)), nil
		}
	}
	if p == len(s) || s[p] != '"' {
		return 0, p, malformed(s, p, "a member's name")
	}
	end, plain, err := stringEnd(s, p)
	if err != nil {
		return 0, end, err
	}
	name := s[p+1 : end-1]
	if !plain {
		if d.name, err = unescape(d.name[:0], s, p); err != nil {
			return 0, p, fault.New(fault.Data, fault.Place{}, "not JSON: %s as a member's name", err.Error())
		}
		name = d.name
	}
	column, found := d.byName[string(name)]
	if !found {
		column = -1
	}
	colon := space(s, end)
	if colon == len(s) || s[colon] != ':' {
		return 0, colon, malformed(s, colon, "':'")
	}
	if plain {
		d.learn(n, s[p:colon+1], column)
	}
	return column, space(s, colon+1), nil
}

// learn remembers that the n-th member was this one.
func (d *Decoder) learn(n int, token []byte, column int) {
	if n >= maxShapeMembers || len(token) > maxTokenBytes {
		return
	}
	for len(d.shape) <= n {
		d.shape = append(d.shape, member{column: -1, token: []byte("\x00")})
	}
	d.shape[n].token = append(d.shape[n].token[:0], token...)
	d.shape[n].column = column
}

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
	if trimmed := bytes.TrimRight(s, " \t\r\n"); trimmed[len(trimmed)-1] != '}' {
		return malformed(s, len(s), "'}'")
	}
	return nil
}
