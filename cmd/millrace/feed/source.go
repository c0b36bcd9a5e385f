package feed

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"slices"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/cmd/millrace/csvfile"
	"github.com/millrace/millrace/cmd/millrace/filetype"
	"github.com/millrace/millrace/cmd/millrace/parquetfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format/json"
)

// Source is an open input file.
type Source struct {
	name    string
	rows    rows
	patient *patientReader // of the standard input
	closers []func() error
	// fraction says how much was read, where bytes don't.
	fraction func() float64

	size int64        // of the file in bytes; 0 when it is not known
	read atomic.Int64 // bytes so far, before decompression
}

// Open opens a file, or the standard input for "-", and looks at its first line where that names columns. What the name
// ends in says what the file holds. Everything that can be found wrong before the first row is, as a User error.
func Open(name string, stdin io.Reader, table Table) (*Source, error) {
	s := &Source{name: name}
	if name == "-" {
		s.patient = newPatientReader(stdin)
		s.rows = newJSONLines(name, s.patient)
		return s, nil
	}
	kind, err := filetype.Of(name)
	if err != nil {
		return nil, err
	}
	f, err := s.open()
	if err == nil {
		err = s.rowsOf(f, kind, table)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Source) open() (*os.File, error) {
	f, err := os.Open(s.name)
	if err != nil {
		return nil, openError(s.name, err)
	}
	s.closers = append(s.closers, f.Close)
	info, err := f.Stat()
	if err != nil {
		return nil, openError(s.name, err)
	}
	if info.IsDir() {
		return nil, fault.New(fault.User, fault.Place{File: s.name}, "is a folder, not a file")
	}
	if info.Mode().IsRegular() {
		s.size = info.Size()
	}
	return f, nil
}

// rowsOf makes the rows of what the file holds.
func (s *Source) rowsOf(f *os.File, kind filetype.Type, table Table) error {
	if kind.Format == filetype.Parquet && s.size == 0 {
		return fault.New(fault.User, fault.Place{File: s.name}, "is empty or no regular file; Parquet is read by seeking")
	}
	if kind.Format == filetype.JSONLines {
		r, err := s.unpack(f, kind.Compression)
		if err == nil {
			s.rows = newJSONLines(s.name, r)
		}
		return err
	}
	encoder, err := json.NewEncoder(table.Format, table.Schema)
	if err != nil {
		return err
	}
	if kind.Format == filetype.Parquet {
		reader, err := parquetfile.NewReader(f, s.size, s.name, table.Schema, table.Format.Timestamps)
		if err != nil {
			return err
		}
		s.closers = append(s.closers, reader.Close)
		rows := &parquetRows{reader: reader, kinds: table.Schema.Kinds(), encoder: encoder}
		s.rows, s.fraction = rows, rows.fraction
		return nil
	}
	r, err := s.unpack(f, kind.Compression)
	if err != nil {
		return err
	}
	reader, err := csvfile.NewReader(r, s.name, table.Schema, table.Format.Timestamps)
	s.rows = &csvRows{name: s.name, reader: reader, kinds: table.Schema.Kinds(), encoder: encoder}
	return err
}

func (s *Source) unpack(f io.Reader, c filetype.Compression) (io.Reader, error) {
	counted := &counter{f, &s.read}
	switch c {
	case filetype.Gzip:
		z, err := gzip.NewReader(counted)
		if err != nil {
			return nil, fault.Wrap(fault.User, err, "read as gzip").At(fault.Place{File: s.name})
		}
		s.closers = append(s.closers, z.Close)
		return z, nil
	case filetype.Zstd:
		z, err := zstd.NewReader(counted)
		if err != nil {
			return nil, fault.Wrap(fault.User, err, "read as zstd").At(fault.Place{File: s.name})
		}
		s.closers = append(s.closers, func() error { z.Close(); return nil })
		return z, nil
	case filetype.None:
		return counted, nil
	default:
		return nil, fault.New(fault.Bug, fault.Place{File: s.name}, "an unknown compression")
	}
}

func openError(name string, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fault.New(fault.User, fault.Place{File: name}, "no such file").Do("check the path after = in --input TOPIC=FILE")
	case errors.Is(err, os.ErrPermission):
		return fault.New(fault.User, fault.Place{File: name}, "may not be read by this user")
	default:
		return fault.Wrap(fault.Transient, err, "open the input")
	}
}

// Fraction returns how much of the file was read, from 0 to 1; 0 when its size is not known. It is safe for concurrent
// use.
func (s *Source) Fraction() float64 {
	if s.fraction != nil {
		return s.fraction()
	}
	if s.size == 0 {
		return 0
	}
	return min(1, float64(s.read.Load())/float64(s.size))
}

// Close closes the file; the standard input stays open.
func (s *Source) Close() error {
	var err error
	for _, closer := range slices.Backward(s.closers) {
		err = errors.Join(err, closer())
	}
	return err
}

type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
