package feed

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/millrace/millrace/runtime/fault"
)

// maxLineBytes bounds one line of input; a Kafka record of the usual broker limit holds no more.
const maxLineBytes = 1 << 20

var errLineTooLong = errors.New("line too long")

// jsonLines are the lines of a file as they are; the job's decoder reads them.
type jsonLines struct {
	name   string
	r      *bufio.Reader
	number int
	err    error
}

func newJSONLines(name string, r io.Reader) *jsonLines {
	return &jsonLines{name: name, r: bufio.NewReaderSize(r, 1<<16)}
}

func (j *jsonLines) place(number int) fault.Place { return fault.InText(j.name, number, 1) }

// next leaves empty lines out.
func (j *jsonLines) next() ([]byte, int, error) {
	for j.err == nil {
		var line []byte
		j.number++
		if line, j.err = readLine(j.r); len(line) > 0 && (j.err == nil || errors.Is(j.err, io.EOF)) {
			return line, j.number, nil
		}
	}
	switch {
	case errors.Is(j.err, io.EOF):
		return nil, 0, io.EOF
	case errors.Is(j.err, errLineTooLong):
		return nil, 0, fault.New(fault.User, j.place(j.number), "line is longer than %d bytes", maxLineBytes)
	default:
		return nil, 0, fault.Wrap(fault.User, j.err, "read the input").At(j.place(j.number))
	}
}

// readLine returns the next line without its end and without surrounding white space; it is valid until the next call.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return bytes.TrimSpace(line), err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.ReadSlice('\n')
		long = append(long, line...)
		if len(long) > maxLineBytes {
			return nil, errLineTooLong
		}
	}
	return bytes.TrimSpace(long), err
}
