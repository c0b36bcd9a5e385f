package answer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

const (
	thousand  = 1000
	separator = 0x1f
	null      = 0
)

// row reads records of a query. It holds its buffers, so that millions of rows cost no garbage.
type row struct {
	q      Query
	fields [][]byte
	text   []byte
	// sum and start are the values of the columns that the query names; thousandths where the column is Decimal.
	sum, start int64
}

func newRow(q Query) *row { return &row{q: q, fields: make([][]byte, len(q.Columns))} }

// read returns the row's canonical text, which is valid until the next call.
func (r *row) read(value []byte) ([]byte, error) {
	clear(r.fields)
	if err := r.split(value); err != nil {
		return nil, fmt.Errorf("%s: %w in %s", r.q.Name, err, value)
	}
	r.text = r.text[:0]
	for i, c := range r.q.Columns {
		number, err := r.append(c, r.fields[i])
		if err != nil {
			return nil, fmt.Errorf("%s: column %s: %w in %s", r.q.Name, c.Name, err, value)
		}
		if i == r.q.Sum {
			r.sum = number
		}
		if i == r.q.WindowStart {
			r.start = number
		}
		r.text = append(r.text, separator)
	}
	return r.text, nil
}

// append appends a value in canonical form.
func (r *row) append(c Column, field []byte) (int64, error) {
	if field == nil || string(field) == "null" {
		r.text = append(r.text, null)
		return 0, nil
	}
	quoted := field[0] == '"'
	if quoted {
		field = field[1 : len(field)-1]
		if bytes.IndexByte(field, '\\') >= 0 {
			var plain string
			if err := json.Unmarshal(append(append([]byte{'"'}, field...), '"'), &plain); err != nil {
				return 0, err
			}
			field = []byte(plain)
		}
	}
	switch c.Kind {
	case Integer:
		n, err := strconv.ParseInt(string(field), 10, 64)
		r.text = strconv.AppendInt(r.text, n, 10)
		return n, err
	case Decimal:
		f, err := strconv.ParseFloat(string(field), 64)
		n := int64(math.Round(f * thousand))
		r.text = strconv.AppendInt(r.text, n, 10)
		return n, err
	case Text:
		if !quoted {
			return 0, fmt.Errorf("%s is not a string", field)
		}
		r.text = append(r.text, field...)
	}
	return 0, nil
}

// split finds the values of a flat JSON object. The columns mostly come in order, so each is looked for where it is expected
// first.
func (r *row) split(value []byte) error {
	rest := bytes.TrimSpace(value)
	if len(rest) < 2 || rest[0] != '{' || rest[len(rest)-1] != '}' {
		return errors.New("no object")
	}
	rest = bytes.TrimLeft(rest[1:], " ")
	for next := 0; len(rest) > 1; next++ {
		end := endOfString(rest)
		if end < 0 || end >= len(rest) || rest[end] != ':' {
			return fmt.Errorf("no member at %.20s", rest)
		}
		column := r.column(rest[1:end-1], next)
		if column < 0 {
			return fmt.Errorf("unknown column %s", rest[1:end-1])
		}
		rest = bytes.TrimLeft(rest[end+1:], " ")
		if end = endOfString(rest); end < 0 {
			end = bytes.IndexAny(rest, ",}")
		}
		if end <= 0 {
			return fmt.Errorf("no value for column %s", r.q.Columns[column].Name)
		}
		r.fields[column], next = bytes.TrimSpace(rest[:end]), column
		rest = bytes.TrimLeft(rest[end:], " ")
		if rest[0] == ',' {
			rest = bytes.TrimLeft(rest[1:], " ")
		}
	}
	return nil
}

func (r *row) column(name []byte, guess int) int {
	if guess < len(r.q.Columns) && r.q.Columns[guess].Name == string(name) {
		return guess
	}
	for i, c := range r.q.Columns {
		if c.Name == string(name) {
			return i
		}
	}
	return -1
}

// endOfString returns the index behind the string that text begins with, or -1 where it begins with none.
func endOfString(text []byte) int {
	if len(text) == 0 || text[0] != '"' {
		return -1
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}
