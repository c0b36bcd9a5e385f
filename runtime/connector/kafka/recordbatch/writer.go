package recordbatch

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

const (
	// recordRoomBytes is what a record may take besides its key and value: five numbers, attributes and headers.
	recordRoomBytes = 5 + 1 + 10 + 5 + 5 + 5 + 1

	leastRoomBytes = 4 << 10
)

// Room is the memory that a record takes at most, beside other records.
func Room(key, value []byte) int { return len(key) + len(value) + recordRoomBytes }

// Writer makes a batch, record by record. The zero value is empty, without memory; one goroutine uses it.
//
//	header (61) │ record │ record │ head of the next one, as long as the last │ value is written here …
//	                              └─ Tail
//
// A value that is appended to the Tail lies where it belongs already, unless its record's head turns out longer or
// shorter than that of the record before: then it is moved by the difference.
type Writer struct {
	buf         []byte
	count       int32
	first, most int64 // timestamps
	head        int   // bytes of the last record before its value, without its key
}

// Use gives an empty writer its memory.
func (w *Writer) Use(memory []byte) {
	*w = Writer{buf: memory[:0]}
	if cap(memory) >= recordsAt {
		w.buf = memory[:recordsAt]
	}
}

// Move copies what there is into larger memory, and returns the old.
func (w *Writer) Move(memory []byte) (old []byte) {
	old = w.buf
	w.buf = append(memory[:0], w.buf...)
	return old
}

// Count is the number of records.
func (w *Writer) Count() int32 { return w.count }

// Bytes is the size of the batch, before it is compressed.
func (w *Writer) Bytes() int { return len(w.buf) }

// RecordBytes is the size of the records in the batch, before they are compressed: what Records.Bytes is to who reads them.
func (w *Writer) RecordBytes() int { return max(0, len(w.buf)-recordsAt) }

// Free is how much room there is before the memory grows.
func (w *Writer) Free() int { return cap(w.buf) - len(w.buf) }

// Tail returns an empty slice for the next record's value: its capacity is n at least where Free is n and recordRoomBytes
// more. What outgrows it moves elsewhere, as append does, and is copied by Append.
func (w *Writer) Tail(n int) []byte {
	w.grow(n + recordRoomBytes)
	at := len(w.buf) + max(w.head, 1)
	return w.buf[at:at:cap(w.buf)]
}

// Append adds a record. A nil key or value is null. Key and value are copied, unless the value lies in the Tail.
func (w *Writer) Append(millis int64, key, value []byte) {
	w.grow(Room(key, value))
	if w.count == 0 {
		w.first, w.most = millis, millis
	}
	w.most = max(w.most, millis)
	after, offset := zigzag(millis-w.first), zigzag(int64(w.count))
	inner := 1 + size(after) + size(offset) + chunkHead(key) + len(key) + chunkHead(value)
	length := zigzag(int64(inner + len(value) + 1))
	head := size(length) + inner
	begin := len(w.buf)
	w.buf = w.buf[:begin+head+len(value)+1]
	b := w.buf[begin:]
	if len(value) > 0 && &value[0] != &b[head] {
		copy(b[head:], value) // first: the record's head may lie where the value does
	}
	n := put(b, 0, length)
	b[n] = 0 // attributes, of which there are none
	n = put(b, n+1, after)
	n = put(b, n, offset)
	n = putChunkHead(b, n, key)
	n += copy(b[n:], key)
	putChunkHead(b, n, value)
	b[len(b)-1] = 0 // headers
	w.count++
	w.head = head - len(key)
}

// grow makes room for n more bytes.
func (w *Writer) grow(n int) {
	if len(w.buf) >= recordsAt && cap(w.buf)-len(w.buf) >= n {
		return
	}
	used := max(len(w.buf), recordsAt)
	if used+n > cap(w.buf) {
		w.buf = append(make([]byte, 0, max(2*cap(w.buf), used+n, leastRoomBytes)), w.buf...)
	}
	w.buf = w.buf[:used]
}

// Identity is what a broker tells a producer's batches by.
type Identity struct {
	ProducerID int64
	Epoch      int16
	// Sequence is that of the batch's first record, in its partition and epoch.
	Sequence int32
	// Transactional says that the batch belongs to the producer's open transaction.
	Transactional bool
}

// Seal completes the batch and returns it. A compressed one is appended to into; without a codec it is the writer's own
// memory. Nothing may be appended afterwards.
func (w *Writer) Seal(id Identity, codec Codec, compressor *Compressor, into []byte) ([]byte, error) {
	batch := w.buf
	if codec != None {
		var err error
		begin := len(into)
		if into, err = compressor.Append(append(into, w.buf[:recordsAt]...), codec, w.buf[recordsAt:]); err != nil {
			return nil, err
		}
		batch = into[begin:]
	}
	w.fill(batch, id, codec)
	return batch, nil
}

// fill writes the header of a batch whose records are in place.
func (w *Writer) fill(batch []byte, id Identity, codec Codec) {
	attributes := uint16(codec) //nolint:gosec // 0 to 4
	if id.Transactional {
		attributes |= attributeTransactional
	}
	be := binary.BigEndian
	be.PutUint64(batch, 0)                                           // the broker's to give
	be.PutUint32(batch[lengthAt:], uint32(len(batch)-leaderEpochAt)) //nolint:gosec // a few MiB
	be.PutUint32(batch[leaderEpochAt:], 1<<32-1)                     // as above
	batch[magicAt] = magic                                           //
	be.PutUint16(batch[attributesAt:], attributes)                   //
	be.PutUint32(batch[lastDeltaAt:], uint32(w.count-1))             //nolint:gosec // the wire's is signed, and so below
	be.PutUint64(batch[baseTimestampAt:], uint64(w.first))           //nolint:gosec // as above
	be.PutUint64(batch[maxTimestampAt:], uint64(w.most))             //nolint:gosec // as above
	be.PutUint64(batch[producerIDAt:], uint64(id.ProducerID))        //nolint:gosec // as above
	be.PutUint16(batch[producerEpochAt:], uint16(id.Epoch))          //nolint:gosec // as above
	be.PutUint32(batch[sequenceAt:], uint32(id.Sequence))            //nolint:gosec // as above
	be.PutUint32(batch[countAt:], uint32(w.count))                   //nolint:gosec // as above
	sum := crc32.Checksum(batch[attributesAt:], crc32.MakeTable(crc32.Castagnoli))
	be.PutUint32(batch[crcAt:], sum)
}

// Memory takes the writer's memory away; it is empty then.
func (w *Writer) Memory() []byte {
	memory := w.buf
	*w = Writer{}
	return memory
}

func zigzag(v int64) uint64 { return uint64(v)<<1 ^ uint64(v>>63) } //nolint:gosec // bits

// size is the length of a number as put writes it.
func size(u uint64) int {
	if u < 1<<7 {
		return 1
	}
	if u < 1<<14 {
		return 2
	}
	return (bits.Len64(u) + 6) / 7
}

func put(b []byte, n int, u uint64) int {
	for u >= 1<<7 {
		b[n] = byte(u) | 1<<7
		u >>= 7
		n++
	}
	b[n] = byte(u)
	return n + 1
}

// chunkHead is the length of a key's or value's length.
func chunkHead(chunk []byte) int {
	if chunk == nil {
		return 1
	}
	return size(zigzag(int64(len(chunk))))
}

func putChunkHead(b []byte, n int, chunk []byte) int {
	if chunk == nil {
		b[n] = 1 // -1
		return n + 1
	}
	return put(b, n, zigzag(int64(len(chunk))))
}
