package csvfile

import (
	"bufio"
	"errors"
	"io"
	"unicode/utf8"
)

// maxRowBytes bounds one row, as the usual broker limit bounds a record.
const maxRowBytes = 1 << 20

// The ways in which text is not CSV.
var (
	errRowTooLong = errors.New("row too long")
	errBareQuote  = errors.New(`a quote inside a field that does not begin with one; double it and quote the field: "say ""hi"""`)
	errAfterQuote = errors.New(`text behind a closing quote; a quote inside a quoted field is doubled: "say ""hi"""`)
	errUnclosed   = errors.New("a quoted field is not closed")
)

// field is a field of the scanner's row: its place in the text, and in the file, counted from 1.
type field struct {
	begin, end   int
	quoted       bool
	line, column int
}

// scanner cuts CSV text into rows of fields. Memory is reused from row to row and bounded by maxRowBytes.
type scanner struct {
	r            *bufio.Reader
	text         []byte // the row's fields without quotes, one behind the other
	fields       []field
	line, column int // of the next byte
	size         int // of the row so far, in bytes
	keepEmpty    bool
}

func newScanner(r io.Reader) *scanner {
	s := &scanner{r: bufio.NewReaderSize(r, 1<<16), line: 1, column: 1}
	if mark, err := s.r.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = s.r.Discard(3) // they were peeked
	}
	return s
}

// row reads the next row. Empty lines are left out unless keepEmpty. After an error, s.line and s.column are its place.
func (s *scanner) row() error {
	for {
		s.text, s.fields, s.size = s.text[:0], s.fields[:0], 0
		last := false
		for !last {
			var err error
			if last, err = s.field(); err != nil {
				return err
			}
		}
		if f := s.fields[0]; s.keepEmpty || len(s.fields) > 1 || f.quoted || f.begin < f.end {
			return nil
		}
	}
}

// state is where in a field the scanner is.
type state uint8

const (
	begin     state = iota // before the first byte
	plain                  // in a field without quotes
	quoted                 // between quotes
	closing                // behind a quote that closes the field, or is the first half of a doubled one
	closingCR              // behind that and a carriage return
	ended                  // behind the field
	refused                // where no CSV goes on
)

// field reads one field and what ends it; last says that it ends the row. io.EOF means that no row has begun.
func (s *scanner) field() (last bool, err error) {
	f := field{begin: len(s.text), line: s.line, column: s.column}
	for at := begin; ; {
		c, err := s.next()
		if errors.Is(err, io.EOF) {
			return true, s.atEnd(f, at)
		}
		if err != nil {
			return true, err
		}
		switch at {
		case begin, plain:
			switch c {
			case ',', '\n':
				s.add(f, c == '\n')
				return c == '\n', nil
			case '"':
				if at == plain {
					s.column--
					return true, errBareQuote
				}
				f.quoted, at = true, quoted
			default:
				s.text, at = append(s.text, c), plain
			}
		case quoted:
			if c == '"' {
				at = closing
				continue
			}
			s.text = append(s.text, c)
		case closing, closingCR:
			switch at = s.closed(at, c); at {
			case ended:
				s.add(f, c == '\n')
				return c == '\n', nil
			case refused:
				s.column--
				return true, errAfterQuote
			case begin, plain, quoted, closing, closingCR:
			}
		case ended, refused:
		}
	}
}

// closed returns the state behind a byte that follows a quote in a quoted field.
func (s *scanner) closed(at state, c byte) state {
	switch {
	case c == '\n' || c == ',' && at == closing:
		return ended
	case c == '"' && at == closing:
		s.text = append(s.text, c)
		return quoted
	case c == '\r' && at == closing:
		return closingCR
	default:
		return refused
	}
}

// atEnd ends a field at the end of the file.
func (s *scanner) atEnd(f field, at state) error {
	switch {
	case at == quoted:
		s.line, s.column = f.line, f.column
		return errUnclosed
	case at == begin && len(s.fields) == 0:
		return io.EOF
	}
	s.add(f, true)
	return nil
}

// add ends a field. The carriage return of a line's end is no part of it.
func (s *scanner) add(f field, last bool) {
	if n := len(s.text); last && !f.quoted && n > f.begin && s.text[n-1] == '\r' {
		s.text = s.text[:n-1]
	}
	f.end = len(s.text)
	s.fields = append(s.fields, f)
}

// next reads a byte and moves the place; columns count characters.
func (s *scanner) next() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, err
	}
	if s.size++; s.size > maxRowBytes {
		return 0, errRowTooLong
	}
	switch {
	case c == '\n':
		s.line, s.column = s.line+1, 1
	case utf8.RuneStart(c):
		s.column++
	}
	return c, nil
}
