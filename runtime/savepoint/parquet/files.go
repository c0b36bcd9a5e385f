// Package parquet is the files of savepoints as Parquet.
package parquet

import (
	"bytes"
	"io"

	"github.com/millrace/millrace/runtime/columnfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/types"
)

// Files writes and reads them. The zero value is ready.
type Files struct{}

// Create is savepoint.Files'.
func (Files) Create(to io.Writer, columns []savepoint.Column) (savepoint.RowWriter, error) {
	return columnfile.NewWriter(to, columnsOf(columns), columnfile.Snappy)
}

// Open is savepoint.Files'.
func (Files) Open(name string, blob []byte, columns []savepoint.Column) (savepoint.RowReader, error) {
	from := columnfile.Source{Name: name, File: bytes.NewReader(blob), Size: int64(len(blob)), Kind: fault.Corrupt}
	return columnfile.NewReader(from, columnsOf(columns))
}

// columnsOf returns a manifest's columns as files have them.
func columnsOf(list []savepoint.Column) []columnfile.Column {
	out := make([]columnfile.Column, len(list))
	for i, c := range list {
		out[i] = columnfile.Column{Column: types.Column{Name: c.Name, Kind: c.Kind}, Wide: c.Wide}
	}
	return out
}
