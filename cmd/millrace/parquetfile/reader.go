package parquetfile

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// batchRows is how many rows are read at a time.
const batchRows = 512

// readBufferBytes is what is read of the file at a time, for each column.
const readBufferBytes = 256 << 10

// Reader reads rows from a Parquet file. Close it.
type Reader struct {
	name    string
	columns []types.Column
	groups  []parquet.RowGroup
	total   int64
	chunks  []int // the chunk of each column, -1 for none
	cursors []*cursor

	group int   // the one that is read, or comes next
	left  int64 // rows of it that were not read
	done  int64 // rows of the file that were
}

// NewReader looks at a file, which is called name, and returns a reader of the columns of schema; those that the file lacks
// are NULL. Errors are of kind User.
func NewReader(f io.ReaderAt, size int64, name string, schema types.Schema, timestamps spec.TimestampFormat) (r *Reader, err error) {
	defer recovered(name, &err)
	file, err := parquet.OpenFile(f, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(readBufferBytes))
	if err != nil {
		return nil, unreadable(name, err)
	}
	r = &Reader{name: name, columns: schema.Columns, groups: file.RowGroups(), total: file.NumRows()}
	found := 0
	for _, c := range schema.Columns {
		column := file.Root().Column(c.Name)
		if column == nil {
			r.chunks, r.cursors = append(r.chunks, -1), append(r.cursors, nil)
			continue
		}
		found++
		if !column.Leaf() || column.Repeated() {
			return nil, fault.New(fault.User, fault.Place{File: name}, "column %q: expected %s, the file holds a list or a group", c.Name, c.Kind).
				Do("flatten it before, or leave the column out")
		}
		to, ok := convert(column.Type(), c.Kind, timestamps == spec.TimestampMillis)
		if !ok {
			return nil, fault.New(fault.User, fault.Place{File: name}, "column %q: expected %s, the file holds %s", c.Name, c.Kind, column.Type())
		}
		r.chunks, r.cursors = append(r.chunks, column.Index()), append(r.cursors, &cursor{convert: to})
	}
	if found == 0 && len(schema.Columns) > 0 {
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
	return fault.New(fault.User, fault.Place{File: r.name}, "the file has no column of the table; its columns are %s", strings.Join(got, ", ")).
		Do("the table's are %s; names are compared exactly", strings.Join(wanted, ", "))
}

// Rows returns the number of rows of the file.
func (r *Reader) Rows() int64 { return r.total }

// Next appends some rows to b, whose columns are the schema's, or returns io.EOF behind the last one. A value that does
// not fit is an error of kind User that names row and column; b is then of no use.
func (r *Reader) Next(b *batch.Batch) (err error) {
	defer recovered(r.name, &err)
	for r.left == 0 {
		if err := r.close(); err != nil {
			return unreadable(r.name, err)
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
	n := int(min(r.left, batchRows))
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
			return unreadable(r.name, err)
		}
		if problem != "" {
			return fault.New(fault.User, r.Place(r.done+int64(row)), "column %q: expected %s, found %s", r.columns[i].Name, r.columns[i].Kind, problem)
		}
	}
	b.Length += n
	r.left -= int64(n)
	r.done += int64(n)
	return nil
}

// Place returns where a row is, counted from 0.
func (r *Reader) Place(row int64) fault.Place {
	return fault.Place{File: fmt.Sprintf("%s: row %d", r.name, row+1)}
}

// Close gives back what the reader holds; the file stays open.
func (r *Reader) Close() error { return r.close() }

func (r *Reader) close() error {
	var err error
	for _, c := range r.cursors {
		if c != nil {
			err = errors.Join(err, c.close())
		}
	}
	return err
}

func unreadable(name string, err error) error {
	return fault.Wrap(fault.User, err, "read as Parquet").At(fault.Place{File: name})
}

// recovered makes an error of a panic: the library panics where a damaged file contradicts itself.
func recovered(name string, err *error) {
	if p := recover(); p != nil {
		*err = fault.New(fault.User, fault.Place{File: name}, "read as Parquet: the file is damaged: %v", p)
	}
}
