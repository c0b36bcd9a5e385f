package batch

import "github.com/millrace/millrace/runtime/types"

// Batch is a block of rows held as columns. The zero value is an empty batch of no columns. It is not safe for
// concurrent use, and whoever is handed one may read it until returning; keeping rows means copying them.
type Batch struct {
	// Length is the number of rows in the vectors, selected or not.
	Length int
	// Columns are the vectors; each holds Length values.
	Columns []Vector
	// Selection lists the rows that count, in ascending order without repeats; nil means all Length rows.
	Selection []int32

	// RowWatermark is, for each row, the watermark of the row's own source partition just before the row (late rows
	// are decided by it); nil behind an exchange and where no operator needs it.
	RowWatermark []types.Watermark
	// Topic and Partition are where the rows come from; Offsets is each row's Kafka offset, or nil behind an exchange.
	// They serve the messages about bad rows.
	Topic     string
	Partition int32
	Offsets   []int64
}

// Selected returns the number of rows that count.
func (b *Batch) Selected() int {
	if b.Selection == nil {
		return b.Length
	}
	return len(b.Selection)
}

// Reset empties the batch and gives it columns of these kinds, keeping the memory of the vectors that it has.
func (b *Batch) Reset(kinds []types.Kind) {
	b.Length, b.Selection, b.RowWatermark = 0, nil, b.RowWatermark[:0]
	b.Offsets = b.Offsets[:0]
	for len(b.Columns) < len(kinds) {
		b.Columns = append(b.Columns, Vector{})
	}
	b.Columns = b.Columns[:len(kinds)]
	for i, k := range kinds {
		b.Columns[i].Reset(k)
	}
}
