package batch

const (
	viewBytes = 8
	wordBytes = 8
	rowBytes  = 4 // an entry of a selection
)

// SizeBytes returns what the vector's values take in memory, without what is only reserved.
func (v *Vector) SizeBytes() int {
	return len(v.Null) + len(v.Bool) + wordBytes*(len(v.Int64)+len(v.Float64)) + viewBytes*len(v.Views) + len(v.Data)
}

// SizeBytes returns what the batch's rows take in memory, without what is only reserved. Vectors that share their Data
// count it each.
func (b *Batch) SizeBytes() int {
	n := wordBytes*(len(b.RowWatermark)+len(b.Offsets)) + rowBytes*len(b.Selection)
	for i := range b.Columns {
		n += b.Columns[i].SizeBytes()
	}
	return n
}
