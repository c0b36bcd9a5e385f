package columnfile

import (
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/runtime/batch"
)

// BatchRows is how many rows are read at a time.
const BatchRows = 512

// cursor reads one column of a row group.
type cursor struct {
	convert Conversion
	pages   parquet.Pages
	page    parquet.Page
	values  parquet.ValueReader
	buffer  [BatchRows]parquet.Value
}

// read appends n values to a column. Where one does not fit, row is its place from the first of these n, and problem
// says why.
func (c *cursor) read(n int, to *batch.Vector) (row int, problem string, err error) {
	for done := 0; done < n; {
		if c.values == nil {
			if c.page, err = c.pages.ReadPage(); err != nil {
				if errors.Is(err, io.EOF) {
					err = io.ErrUnexpectedEOF
				}
				return done, "", err
			}
			c.values = c.page.Values()
		}
		got, err := c.values.ReadValues(c.buffer[:n-done])
		for i := range got {
			v := c.buffer[i]
			if v.IsNull() {
				to.AppendNull()
			} else if problem := c.convert(v, to); problem != "" {
				return done + i, problem, nil
			}
		}
		done += got
		if errors.Is(err, io.EOF) {
			parquet.Release(c.page)
			c.page, c.values = nil, nil
		} else if err != nil {
			return done, "", err
		}
	}
	return n, "", nil
}

func (c *cursor) close() error {
	if c.page != nil {
		parquet.Release(c.page)
		c.page, c.values = nil, nil
	}
	if c.pages == nil {
		return nil
	}
	err := c.pages.Close()
	c.pages = nil
	return err
}
