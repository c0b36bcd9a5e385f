package collect

import (
	"bufio"
	"io"
)

// Lines writes each row as it is, followed by a line end.
type Lines struct{ w *bufio.Writer }

// NewLines returns a writer of JSON lines.
func NewLines(w io.Writer) *Lines { return &Lines{bufio.NewWriter(w)} }

// Row writes one row.
func (l *Lines) Row(value []byte) error {
	if _, err := l.w.Write(value); err != nil {
		return err
	}
	return l.w.WriteByte('\n')
}

// Flush hands everything to the underlying writer.
func (l *Lines) Flush() error { return l.w.Flush() }

// Close hands everything to the underlying writer.
func (l *Lines) Close() error { return l.w.Flush() }
