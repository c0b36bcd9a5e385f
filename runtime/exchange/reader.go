package exchange

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// Reader decodes records of one exchange. It never panics and allocates no more than a bounded multiple of the record
// and MaxRows values a column. Not safe for concurrent use.
type Reader struct {
	kinds []types.Kind
	crc   *crc32.Table
	rest  []byte
	ints  []int64
}

// NewReader returns a reader of records with columns of these kinds.
func NewReader(kinds []types.Kind) *Reader {
	return &Reader{kinds: kinds, crc: crc32.MakeTable(crc32.Castagnoli)}
}

// Decode replaces h and b by a record's content, reusing their memory; nothing of value is kept. An error is of kind
// Corrupt, and leaves h and b in no particular state.
func (r *Reader) Decode(value []byte, h *Header, b *batch.Batch) error {
	b.Reset(r.kinds)
	if len(value) < 1+crcBytes {
		return damaged("is %d bytes long", len(value))
	}
	if value[0] != layoutVersion && value[0] != layoutSaid {
		return damaged("has layout %d, which this version does not know", value[0]).Do("let all workers run the same version")
	}
	body := value[:len(value)-crcBytes]
	if crc32.Checksum(body, r.crc) != binary.LittleEndian.Uint32(value[len(body):]) {
		return damaged("does not match its checksum")
	}
	r.rest = body[1:]
	defer func() { r.rest = nil }()
	if err := r.header(h); err != nil {
		return err
	}
	if n, ok := r.uvarint(uint64(len(r.kinds))); !ok || n != len(r.kinds) {
		return damaged("does not have the plan's %d columns", len(r.kinds))
	}
	for c := range b.Columns {
		if !r.column(&b.Columns[c], h.Rows) {
			return damaged("has a damaged column %d, or one of another type than %s", c, r.kinds[c])
		}
	}
	if len(r.rest) != 0 {
		return damaged("has %d bytes too many", len(r.rest))
	}
	b.Length = h.Rows
	return nil
}

func damaged(format string, args ...any) *fault.Error {
	return fault.New(fault.Corrupt, fault.Place{}, "an exchange record "+format, args...)
}

func (r *Reader) header(h *Header) error {
	h.Marks = h.Marks[:0]
	epoch, ok1 := r.uvarint(math.MaxInt64)
	channels, ok2 := r.uvarint(maxChannels)
	marks, ok3 := r.uvarint(maxChannels)
	if !ok1 || !ok2 || !ok3 || marks > len(r.rest) {
		return damaged("has a damaged header")
	}
	h.JobEpoch, h.Channels = int64(epoch), channels
	for range marks {
		channel, ok := r.uvarint(math.MaxInt32)
		if !ok || channel >= channels {
			return damaged("has a damaged mark")
		}
		m := watermark.Mark{Channel: int32(channel)} //nolint:gosec // bounded by uvarint's limit
		said, ok := m.TakeSaid(r.rest)
		w, n := binary.Varint(said)
		if !ok || n <= 0 {
			return damaged("has a damaged mark")
		}
		m.Watermark, r.rest = types.Watermark(w), said[n:]
		h.Marks = append(h.Marks, m)
	}
	rows, ok := r.uvarint(MaxRows)
	if !ok {
		return damaged("has a damaged number of rows")
	}
	h.Rows = rows
	return nil
}

// uvarint takes a number of at most limit.
func (r *Reader) uvarint(limit uint64) (int, bool) {
	x, n := binary.Uvarint(r.rest)
	if n <= 0 || x > limit {
		return 0, false
	}
	r.rest = r.rest[n:]
	return int(x), true //nolint:gosec // every limit is below MaxInt64
}

func (r *Reader) take(n int) ([]byte, bool) {
	if n < 0 || n > len(r.rest) {
		return nil, false
	}
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part, true
}

func (r *Reader) column(v *batch.Vector, rows int) bool {
	head, ok := r.take(2)
	if !ok || head[0] != wireKind(v.Kind) || head[1]&^flagNulls != 0 {
		return false
	}
	var nulls []byte
	if head[1]&flagNulls != 0 {
		if nulls, ok = r.take((rows + 7) / 8); !ok {
			return false
		}
	}
	switch v.Kind.Storage() {
	case types.StoreBool:
		v.Bool, ok = r.booleans(v.Bool, rows)
	case types.StoreInt64:
		v.Int64, ok = r.integers(v.Int64, rows)
	case types.StoreFloat64:
		v.Float64, ok = r.doubles(v.Float64, rows)
	case types.StoreBytes:
		ok = r.strings(v, rows)
	case types.StoreNone:
		ok = false
	}
	if ok && nulls != nil {
		marks := v.Nulls()
		for i := range marks {
			marks[i] = nulls[i/8]>>(i%8)&1 == 1
		}
	}
	return ok
}

func (r *Reader) booleans(dst []bool, rows int) ([]bool, bool) {
	bits, ok := r.take((rows + 7) / 8)
	if ok {
		for i := range rows {
			dst = append(dst, bits[i/8]>>(i%8)&1 == 1)
		}
	}
	return dst, ok
}

func (r *Reader) doubles(dst []float64, rows int) ([]float64, bool) {
	raw, ok := r.take(rows * 8)
	if ok {
		for i := range rows {
			dst = append(dst, math.Float64frombits(binary.LittleEndian.Uint64(raw[i*8:])))
		}
	}
	return dst, ok
}

func (r *Reader) integers(dst []int64, rows int) ([]int64, bool) {
	head, ok := r.take(9)
	if !ok {
		return dst, false
	}
	base, width := int64(binary.LittleEndian.Uint64(head)), int(head[8]) //nolint:gosec // the bits are meant
	if width > 8 {
		return dst, false
	}
	raw, ok := r.take(rows * width)
	if !ok {
		return dst, false
	}
	switch width {
	case 0:
		for range rows {
			dst = append(dst, base)
		}
	case 1:
		for _, x := range raw {
			dst = append(dst, base+int64(x))
		}
	case 2:
		for i := range rows {
			dst = append(dst, base+int64(binary.LittleEndian.Uint16(raw[i*2:])))
		}
	case 4:
		for i := range rows {
			dst = append(dst, base+int64(binary.LittleEndian.Uint32(raw[i*4:])))
		}
	case 8:
		for i := range rows {
			dst = append(dst, base+int64(binary.LittleEndian.Uint64(raw[i*8:]))) //nolint:gosec // distances wrap
		}
	default:
		return dst, false
	}
	return dst, true
}

func (r *Reader) strings(v *batch.Vector, rows int) bool {
	var ok bool
	if r.ints, ok = r.integers(r.ints[:0], rows); !ok {
		return false
	}
	total := int64(0)
	for _, n := range r.ints {
		if n < 0 || n > int64(len(r.rest))-total {
			return false
		}
		v.Views = append(v.Views, batch.View{Offset: uint32(total), Length: uint32(n)}) //nolint:gosec // within the record
		total += n
	}
	data, ok := r.take(int(total))
	v.Data = append(v.Data, data...)
	return ok
}
