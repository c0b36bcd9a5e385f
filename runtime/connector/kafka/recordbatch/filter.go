package recordbatch

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Aborted is a transaction that was aborted, as a fetch response lists it.
type Aborted struct {
	// ProducerID is the producer's, and FirstOffset the transaction's first offset in the partition.
	ProducerID, FirstOffset int64
}

// Filter leaves the records of aborted transactions and all markers out of one partition's response. It is told every
// batch, in order. The zero value filters markers alone.
type Filter struct {
	coming []Aborted // by FirstOffset
	open   []int64   // producers whose transaction at this place was aborted
}

// NewFilter returns the filter of a response that lists these aborted transactions, in any order: brokers differ.
func NewFilter(aborted []Aborted) Filter {
	if len(aborted) == 0 {
		return Filter{}
	}
	coming := slices.Clone(aborted)
	slices.SortFunc(coming, func(a, b Aborted) int { return cmp.Compare(a.FirstOffset, b.FirstOffset) })
	return Filter{coming: coming}
}

// Hides says that the batch holds nothing for a READ_COMMITTED reader.
func (f *Filter) Hides(b *Batch) bool {
	for len(f.coming) > 0 && f.coming[0].FirstOffset <= b.LastOffset {
		if id := f.coming[0].ProducerID; !slices.Contains(f.open, id) {
			f.open = append(f.open, id)
		}
		f.coming = f.coming[1:]
	}
	if b.Control() {
		if at := slices.Index(f.open, b.ProducerID); at >= 0 && b.aborts() {
			f.open = slices.Delete(f.open, at, at+1)
		}
		return true
	}
	return b.Transactional() && slices.Contains(f.open, b.ProducerID)
}

// aborts says that the batch is the marker of an abort: the key of its one record is a version and a type, 0 for abort.
func (b *Batch) aborts() bool {
	it := b.Records(b.Payload)
	_, key, _, ok := it.next()
	const versionBytes, keyBytes = 2, 4
	return ok && len(key) >= keyBytes && binary.BigEndian.Uint16(key[versionBytes:]) == 0
}
