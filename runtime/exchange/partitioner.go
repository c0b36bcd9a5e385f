package exchange

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// Partitioner says which partition a key belongs to. The function is published and never changes, because state lies
// where it sends rows:
//
//	partition = xxhash64(seed 0, encoded key) mod partitions; without key columns it is 0
//
//	encoded key: for each key column in order
//	  NULL             0x00
//	  BOOLEAN          0x01, then 0 or 1
//	  INT … INTERVAL   0x01, then 8 bytes little endian
//	  DOUBLE           0x01, then the 8 bytes of its bits little endian; −0 as 0, every NaN as 0x7FF8000000000000
//	  STRING, BYTES    0x01, then the length in 4 bytes little endian, then the bytes
type Partitioner struct {
	keys       []int
	partitions uint64
	scratch    []byte
}

// NewPartitioner returns the partitioner over the key columns at these positions; partitions is at least 1.
func NewPartitioner(keys []int, partitions int) *Partitioner {
	return &Partitioner{keys: keys, partitions: uint64(max(partitions, 1))}
}

// Partition returns the partition of a row.
func (p *Partitioner) Partition(b *batch.Batch, row int) int32 {
	if len(p.keys) == 0 {
		return 0
	}
	p.scratch = p.scratch[:0]
	for _, k := range p.keys {
		p.scratch = appendKey(p.scratch, &b.Columns[k], row)
	}
	return int32(xxhash.Sum64(p.scratch) % p.partitions) //nolint:gosec // below the number of partitions
}

func appendKey(dst []byte, v *batch.Vector, row int) []byte {
	if v.IsNull(row) {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	switch v.Kind.Storage() {
	case types.StoreBool:
		if v.Bool[row] {
			return append(dst, 1)
		}
		return append(dst, 0)
	case types.StoreInt64:
		return binary.LittleEndian.AppendUint64(dst, uint64(v.Int64[row])) //nolint:gosec // the bits are meant
	case types.StoreFloat64:
		return binary.LittleEndian.AppendUint64(dst, doubleBits(v.Float64[row]))
	case types.StoreBytes:
		s := v.Bytes(row)
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s))) //nolint:gosec // a vector's Data stays below 4 GiB
		return append(dst, s...)
	case types.StoreNone:
		return dst
	default:
		return dst
	}
}

// doubleBits makes equal numbers equal bits.
func doubleBits(f float64) uint64 {
	switch {
	case f == 0:
		return 0
	case math.IsNaN(f):
		return 0x7FF8000000000000
	default:
		return math.Float64bits(f)
	}
}
