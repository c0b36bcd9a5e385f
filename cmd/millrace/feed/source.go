package feed

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/runtime/fault"
)

// Source is an open input file. It counts the bytes that were read, before decompression, so that progress can be
// shown against Size.
type Source struct {
	// Name is the path as given; "-" is the standard input.
	Name string
	// Size is the file's length in bytes; 0 when it is not known.
	Size int64

	io.Reader
	closers []func() error
	read    atomic.Int64
}

// Open opens a file of JSON lines. What the name ends in says how it is compressed: .gz, .zst or nothing. CSV and Parquet
// are refused by name.
func Open(name string, stdin io.Reader) (*Source, error) {
	s := &Source{Name: name}
	if name == "-" {
		s.Reader = &counter{stdin, &s.read}
		return s, nil
	}
	plain := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	if ext := strings.ToLower(filepath.Ext(plain)); ext == ".csv" || ext == ".parquet" {
		return nil, fault.New(fault.User, fault.Place{File: name}, "%s files can't be read yet", strings.ToUpper(ext[1:])).
			Do("convert it to JSON lines, one object a line")
	}
	f, err := os.Open(name) //nolint:gosec // the user's own file, named by the user
	if err != nil {
		return nil, openError(name, err)
	}
	s.closers = append(s.closers, f.Close)
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fault.New(fault.User, fault.Place{File: name}, "is a folder, not a file")
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Size = info.Size()
	s.Reader = &counter{f, &s.read}
	if err := s.decompress(name); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Source) decompress(name string) error {
	switch {
	case strings.HasSuffix(name, ".gz"):
		z, err := gzip.NewReader(s.Reader)
		if err != nil {
			return fault.Wrap(fault.User, err, "read as gzip").At(fault.Place{File: name})
		}
		s.Reader = z
		s.closers = append(s.closers, z.Close)
	case strings.HasSuffix(name, ".zst"):
		z, err := zstd.NewReader(s.Reader)
		if err != nil {
			return fault.Wrap(fault.User, err, "read as zstd").At(fault.Place{File: name})
		}
		s.Reader = z
		s.closers = append(s.closers, func() error { z.Close(); return nil })
	}
	return nil
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

// BytesRead returns the number of bytes read so far, before decompression. It is safe to call from any goroutine.
func (s *Source) BytesRead() int64 { return s.read.Load() }

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
