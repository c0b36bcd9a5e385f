package parquetfile

import (
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/runtime/columnfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// readBufferBytes is what is read of the file at a time, for each column.
const readBufferBytes = 256 << 10

// Reader reads rows from a Parquet file. Close it.
type Reader struct{ *columnfile.Reader }

// NewReader looks at a file, which is called name, and returns a reader of the columns of schema; those that the file lacks
// are NULL. Errors are of kind User.
func NewReader(f io.ReaderAt, size int64, name string, schema types.Schema, timestamps spec.TimestampFormat) (*Reader, error) {
	from := columnfile.Source{Name: name, File: f, Size: size, Kind: fault.User, ReadBytes: readBufferBytes}
	r, err := columnfile.NewConvertingReader(from, schema.Columns, func(i int, t parquet.Type) (columnfile.Conversion, bool) {
		return convert(t, schema.Columns[i].Kind, timestamps == spec.TimestampMillis)
	})
	if err != nil {
		return nil, err
	}
	return &Reader{r}, nil
}
