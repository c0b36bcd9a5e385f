package recordbatch

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/millrace/millrace/runtime/fault"
)

// Offsets of a batch's fields.
//
//	 0 base offset     8 length   12 leader epoch   16 magic   17 crc   21 attributes   23 last offset delta
//	27 base timestamp  35 max timestamp   43 producer id   51 producer epoch   53 base sequence   57 count   61 records
const (
	lengthAt        = 8
	leaderEpochAt   = 12 // the length counts from here
	magicAt         = 16
	crcAt           = 17
	attributesAt    = 21 // the checksum counts from here
	lastDeltaAt     = 23
	baseTimestampAt = 27
	maxTimestampAt  = 35
	producerIDAt    = 43
	producerEpochAt = 51
	sequenceAt      = 53
	countAt         = 57
	recordsAt       = 61

	magic = 2

	attributeCodec         = 0x07
	attributeLogAppendTime = 0x08
	attributeTransactional = 0x10
	attributeControl       = 0x20
)

var (
	// ErrIncomplete says that the bytes end within a batch: brokers cut responses off at a number of bytes.
	ErrIncomplete = errors.New("the response ends within a batch")
	// ErrOldFormat says that a batch is of a format before Kafka 0.11.
	ErrOldFormat = errors.New("the batch is of a format before Kafka 0.11")
)

// Batch is one batch as it lies in a response.
type Batch struct {
	// BaseOffset and LastOffset are the first and the last offset that the batch stands for; compaction may have removed
	// the records at them.
	BaseOffset, LastOffset int64
	// LeaderEpoch is the epoch of the leader that wrote it, -1 when unknown.
	LeaderEpoch int32
	// ProducerID is the producer's, -1 when it has none.
	ProducerID int64
	// Count is the number of records that the batch claims to have.
	Count int32
	// Payload are its records, as they are compressed.
	Payload []byte

	attributes                  int16
	baseTimestamp, maxTimestamp int64
	checked                     []byte // what the checksum is over
	crc                         uint32
}

// Codec is what the payload is compressed with.
func (b *Batch) Codec() Codec { return Codec(b.attributes & attributeCodec) }

// Transactional says that the batch belongs to a transaction.
func (b *Batch) Transactional() bool { return b.attributes&attributeTransactional != 0 }

// Control says that the batch holds a marker, which is for clients and not for applications.
func (b *Batch) Control() bool { return b.attributes&attributeControl != 0 }

// Next reads the header of the first batch of data and returns what follows the batch. Its checksum is not looked at,
// see Check. The error is ErrIncomplete where no whole batch is left, ErrOldFormat, or of kind Corrupt.
func Next(data []byte) (b Batch, rest []byte, err error) {
	if len(data) <= magicAt {
		return b, data, ErrIncomplete
	}
	length := int64(int32(binary.BigEndian.Uint32(data[lengthAt:]))) //nolint:gosec // the wire's is signed
	switch end := leaderEpochAt + length; {
	case length < 0:
		return b, data, corrupt("a batch of %d bytes", length)
	case end > int64(len(data)):
		return b, data, ErrIncomplete
	case data[magicAt] < magic:
		return b, data, ErrOldFormat
	case data[magicAt] > magic:
		return b, data, corrupt("a batch of the unknown format %d", data[magicAt])
	case end < recordsAt:
		return b, data, corrupt("a batch of %d bytes has no room for its header", length)
	default:
		data, rest = data[:end:end], data[end:]
	}
	b = Batch{
		BaseOffset:    int64(binary.BigEndian.Uint64(data)),                   //nolint:gosec // the wire's is signed, and so below
		LeaderEpoch:   int32(binary.BigEndian.Uint32(data[leaderEpochAt:])),   //nolint:gosec // as above
		attributes:    int16(binary.BigEndian.Uint16(data[attributesAt:])),    //nolint:gosec // as above
		baseTimestamp: int64(binary.BigEndian.Uint64(data[baseTimestampAt:])), //nolint:gosec // as above
		maxTimestamp:  int64(binary.BigEndian.Uint64(data[maxTimestampAt:])),  //nolint:gosec // as above
		ProducerID:    int64(binary.BigEndian.Uint64(data[producerIDAt:])),    //nolint:gosec // as above
		Count:         int32(binary.BigEndian.Uint32(data[countAt:])),         //nolint:gosec // as above
		Payload:       data[recordsAt:],
		checked:       data[attributesAt:],
		crc:           binary.BigEndian.Uint32(data[crcAt:]),
	}
	delta := int64(int32(binary.BigEndian.Uint32(data[lastDeltaAt:]))) //nolint:gosec // as above
	b.LastOffset = b.BaseOffset + delta
	if b.BaseOffset < 0 || delta < 0 || b.LastOffset < 0 || b.Count < 0 {
		return b, rest, corrupt("a batch of %d records at %d that ends %d later", b.Count, b.BaseOffset, delta)
	}
	return b, rest, nil
}

// Check compares the batch with its checksum; a difference is an error of kind Corrupt.
func (b *Batch) Check() error {
	if sum := crc32.Checksum(b.checked, crc32.MakeTable(crc32.Castagnoli)); sum != b.crc {
		return corrupt("the batch at %d has the checksum %08x and says %08x", b.BaseOffset, sum, b.crc)
	}
	return nil
}

func corrupt(format string, args ...any) error {
	return fault.New(fault.Corrupt, fault.Place{}, format, args...)
}
