package recordbatch

import (
	"github.com/millrace/millrace/runtime/connector"
)

// Records walks over the records of an unpacked batch.
type Records struct {
	batch   *Batch
	payload []byte
	left    int32
	last    int64 // the offset before
}

// Records returns the walk over the batch, whose payload was unpacked to this one.
func (b *Batch) Records(payload []byte) Records {
	return Records{batch: b, payload: payload, left: b.Count, last: b.BaseOffset - 1}
}

// Bytes is how much of the payload is left.
func (r *Records) Bytes() int { return len(r.payload) }

// Fill appends records to dst, those at offset from and later, until the batch is at its end or dst is full: it doesn't
// grow. more says that the batch has records left. Keys and values are slices of the payload. An error is of kind
// Corrupt.
func (r *Records) Fill(dst []connector.Record, topic string, partition int32, from int64) (_ []connector.Record, more bool, err error) {
	fixed := r.batch.attributes&attributeLogAppendTime != 0
	for r.left > 0 && len(dst) < cap(dst) {
		millis, key, value, ok := r.next()
		if !ok {
			return dst, false, corrupt("the batch at %d breaks off after offset %d, with %d records to come", r.batch.BaseOffset, r.last, r.left)
		}
		if r.last < from {
			continue
		}
		if fixed {
			millis = r.batch.maxTimestamp
		}
		dst = append(dst, connector.Record{Topic: topic, Partition: partition, Offset: r.last, Key: key, Value: value, TimestampMicros: millis * 1000})
	}
	return dst, r.left > 0, nil
}

// next reads one record and moves last to its offset.
//
//	length │ attributes │ timestamp delta │ offset delta │ key length │ key │ value length │ value │ headers
func (r *Records) next() (millis int64, key, value []byte, ok bool) {
	if r.left <= 0 {
		return 0, nil, nil, false
	}
	length, body := varint(r.payload)
	if length < 1 || length > int64(len(body)) {
		return 0, nil, nil, false
	}
	r.payload = body[length:]
	body = body[1:length] // without the attributes, of which there are none
	millis, body = varint(body)
	delta, body := varint(body)
	key, body, ok = chunk(body)
	if !ok {
		return 0, nil, nil, false
	}
	value, body, ok = chunk(body)
	offset := r.batch.BaseOffset + delta
	if !ok || len(body) == 0 || offset <= r.last || offset > r.batch.LastOffset {
		return 0, nil, nil, false // the headers are at least their number
	}
	r.last = offset
	r.left--
	return r.batch.baseTimestamp + millis, key, value, true
}

// chunk reads a length and as many bytes; a length of -1 is nil.
func chunk(b []byte) (_, rest []byte, ok bool) {
	n, b := varint(b)
	switch {
	case n == -1 && b != nil:
		return nil, b, true
	case n < 0 || n > int64(len(b)):
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}

// varint reads a number in zigzag form. What is left is nil where b is no number.
func varint(b []byte) (int64, []byte) {
	if len(b) > 1 {
		if c := b[0]; c < 0x80 {
			return int64(c>>1) ^ -int64(c&1), b[1:]
		}
		if c := b[1]; c < 0x80 {
			u := uint64(b[0]&0x7f) | uint64(c)<<7
			return int64(u>>1) ^ -int64(u&1), b[2:]
		}
	}
	return longVarint(b)
}
