package columnfile

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Conversion appends a value that is not NULL to a column, or says what is wrong with it.
type Conversion func(v parquet.Value, to *batch.Vector) (problem string)

// Source is what is read.
type Source struct {
	// Name is for errors.
	Name string
	// File and Size are the bytes.
	File io.ReaderAt
	Size int64
	// Kind is that of errors about what the file holds.
	Kind fault.Kind
	// ReadBytes is what is read of the file at a time, for each column; 0 is the library's choice.
	ReadBytes int
}

// Reader reads rows from a Parquet file. Close it. One goroutine uses it.
type Reader struct {
	from    Source
	columns []types.Column
	groups  []parquet.RowGroup
	total   int64
	chunks  []int // the chunk of each column, -1 for none
	cursors []*cursor

	group int   // the one that is read, or comes next
	left  int64 // rows of it that were not read
	done  int64 // rows of the file that were
}

// NewReader returns a reader of a file that a Writer of these columns has written.
func NewReader(from Source, columns []Column) (*Reader, error) {
	list := make([]types.Column, len(columns))
	for i, c := range columns {
		list[i] = c.Column
	}
	r, err := NewConvertingReader(from, list, func(i int, t parquet.Type) (Conversion, bool) { return exact(columns[i], t) })
	if err != nil {
		return nil, err
	}
	for i, chunk := range r.chunks {
		if chunk < 0 {
			return nil, fault.New(from.Kind, fault.Place{File: from.Name}, "the file has no column %q", columns[i].Name)
		}
	}
	return r, nil
}

// NewConvertingReader returns a reader of any file. Columns are found by their names; those that the file lacks are NULL.
// convert says how values of a type in the file become those of column i; false, that they can't.
func NewConvertingReader(from Source, columns []types.Column, convert func(i int, t parquet.Type) (Conversion, bool)) (r *Reader, err error) {
	r = &Reader{from: from, columns: columns}
	defer r.recovered(&err)
	options := []parquet.FileOption{parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true)}
	if from.ReadBytes > 0 {
		options = append(options, parquet.ReadBufferSize(from.ReadBytes))
	}
	file, err := parquet.OpenFile(from.File, from.Size, options...)
	if err != nil {
		return nil, r.unreadable(err)
	}
	r.groups, r.total = file.RowGroups(), file.NumRows()
	found := 0
	for i, c := range columns {
		column := file.Root().Column(c.Name)
		if column == nil {
			r.chunks, r.cursors = append(r.chunks, -1), append(r.cursors, nil)
			continue
		}
		found++
		if !column.Leaf() || column.Repeated() {
			return nil, fault.New(from.Kind, fault.Place{File: from.Name}, "column %q: expected %s, the file holds a list or a group", c.Name, c.Kind).
				Do("flatten it before, or leave the column out")
		}
		to, ok := convert(i, column.Type())
		if !ok {
			return nil, fault.New(from.Kind, fault.Place{File: from.Name}, "column %q: expected %s, the file holds %s", c.Name, c.Kind, column.Type())
		}
		r.chunks, r.cursors = append(r.chunks, column.Index()), append(r.cursors, &cursor{convert: to})
	}
	if found == 0 && len(columns) > 0 {
		return nil, r.stranger(file)
	}
	return r, nil
}

// stranger says that the file is about something else.
func (r *Reader) stranger(file *parquet.File) error {
	var wanted, got []string
	for _, c := range r.columns {
		wanted = append(wanted, c.Name)
	}
	for _, c := range file.Root().Columns() {
		got = append(got, c.Name())
	}
	return fault.New(r.from.Kind, fault.Place{File: r.from.Name}, "the file has no column of the table; its columns are %s", strings.Join(got, ", ")).
		Do("the table's are %s; names are compared exactly", strings.Join(wanted, ", "))
}

// Rows returns the number of rows of the file.
func (r *Reader) Rows() int64 { return r.total }

// Next appends some rows to b, at most BatchRows, whose columns are the reader's, or returns io.EOF behind the last one. A
// value that does not fit is an error that names row and column; b is then of no use.
func (r *Reader) Next(b *batch.Batch) (err error) {
	defer r.recovered(&err)
	for r.left == 0 {
		if err := r.close(); err != nil {
			return r.unreadable(err)
		}
		if r.group == len(r.groups) {
			return io.EOF
		}
		group := r.groups[r.group]
		for i, c := range r.cursors {
			if c != nil {
				c.pages = group.ColumnChunks()[r.chunks[i]].Pages()
			}
		}
		r.group++
		r.left = group.NumRows()
	}
	n := int(min(r.left, BatchRows))
	for i, c := range r.cursors {
		v := &b.Columns[i]
		if c == nil {
			for range n {
				v.AppendNull()
			}
			continue
		}
		row, problem, err := c.read(n, v)
		if err != nil {
			return r.unreadable(err)
		}
		if problem != "" {
			return fault.New(r.from.Kind, r.Place(r.done+int64(row)), "column %q: expected %s, found %s", r.columns[i].Name, r.columns[i].Kind, problem)
		}
	}
	b.Length += n
	r.left -= int64(n)
	r.done += int64(n)
	return nil
}

// Place returns where a row is, counted from 0.
func (r *Reader) Place(row int64) fault.Place {
	return fault.Place{File: fmt.Sprintf("%s: row %d", r.from.Name, row+1)}
}

// Close gives back what the reader holds; the file stays open.
func (r *Reader) Close() (err error) {
	defer r.recovered(&err)
	return r.close()
}

func (r *Reader) close() error {
	var err error
	for _, c := range r.cursors {
		if c != nil {
			err = errors.Join(err, c.close())
		}
	}
	return err
}

func (r *Reader) unreadable(err error) error {
	return fault.Wrap(r.from.Kind, err, "read as Parquet").At(fault.Place{File: r.from.Name})
}

// recovered makes an error of a panic: the library panics where a damaged file contradicts itself.
func (r *Reader) recovered(err *error) {
	if p := recover(); p != nil {
		*err = fault.New(r.from.Kind, fault.Place{File: r.from.Name}, "read as Parquet: the file is damaged: %v", p)
	}
}
