package accumulator

// Rows is a run: rows of a batch, and the entry of each.
type Rows struct {
	Index   []int32
	Entries []uint32
}

// Reset empties the run.
func (r *Rows) Reset() { r.Index, r.Entries = r.Index[:0], r.Entries[:0] }
