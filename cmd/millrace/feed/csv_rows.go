package feed

import (
	"github.com/millrace/millrace/cmd/millrace/csvfile"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format"
	"github.com/millrace/millrace/runtime/types"
)

// csvRows are the rows of a CSV file, each encoded as the topic's records are.
type csvRows struct {
	name    string
	reader  *csvfile.Reader
	kinds   []types.Kind
	encoder format.Encoder
	batch   batch.Batch
	value   []byte
}

func (c *csvRows) place(number int) fault.Place { return fault.InText(c.name, number, 1) }

func (c *csvRows) next() ([]byte, int, error) {
	c.batch.Reset(c.kinds)
	if err := c.reader.Next(&c.batch); err != nil {
		return nil, 0, err
	}
	var err error
	if c.value, err = c.encoder.Encode(c.value[:0], &c.batch, 0); err != nil {
		return nil, 0, unfit(err, c.place(c.reader.Line()))
	}
	return c.value, c.reader.Line(), nil
}

// unfit places the error of a row that the topic's format can't hold; such as NaN, which JSON has not.
func unfit(err error, at fault.Place) error {
	return fault.Wrap(fault.User, err, "the row can't be a record of the topic").At(at)
}
