package feed

import (
	"sync/atomic"

	"github.com/millrace/millrace/cmd/millrace/parquetfile"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format"
	"github.com/millrace/millrace/runtime/types"
)

// parquetRows are the rows of a Parquet file, each encoded as the topic's records are.
type parquetRows struct {
	reader  *parquetfile.Reader
	kinds   []types.Kind
	encoder format.Encoder
	batch   batch.Batch
	row     int // of the batch, that comes next
	number  atomic.Int64
	value   []byte
}

func (p *parquetRows) place(number int) fault.Place { return p.reader.Place(int64(number) - 1) }

func (p *parquetRows) next() ([]byte, int, error) {
	if p.row == p.batch.Length {
		p.batch.Reset(p.kinds)
		p.row = 0
		if err := p.reader.Next(&p.batch); err != nil {
			return nil, 0, err
		}
	}
	number := int(p.number.Add(1))
	var err error
	if p.value, err = p.encoder.Encode(p.value[:0], &p.batch, p.row); err != nil {
		return nil, 0, unfit(err, p.place(number))
	}
	p.row++
	return p.value, number, nil
}

// fraction is by rows: columns that the table lacks are never read.
func (p *parquetRows) fraction() float64 {
	return float64(p.number.Load()) / float64(max(1, p.reader.Rows()))
}
