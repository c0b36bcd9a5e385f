package task

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/watermark"
)

// The first byte of a changelog record's value says what follows:
//
//	1 changes: a block of state.Changes, which has its own version and CRC
//	2 meta:    version (1 byte: 2) | uvarint length | Meta as JSON | lap | vector of channel watermarks | CRC-32C (4 bytes, little endian)
//
// A commit is any number of changes, of which the last may be a part of a lap (see Laps), and then one meta record, all in
// one transaction. Version 1 of the meta record has no lap; it is written where Config.WithoutLaps says so, and read always. Where commits are no transactions the kinds are others: see
// changelogOwnedChanges.
const (
	changelogChanges byte = 1
	changelogMeta    byte = 2

	metaRecordVersion    byte = 2
	metaRecordWithoutLap byte = 1
)

// appendMetaRecord appends what stands behind the changelogMeta byte. Without a lap the record is of version 1.
func appendMetaRecord(dst []byte, m Meta, l *lap, channels *watermark.Channels) []byte {
	start := len(dst)
	text := m.Encode()
	version := metaRecordVersion
	if l == nil {
		version = metaRecordWithoutLap
	}
	dst = append(dst, version)
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	dst = append(dst, text...)
	if l != nil {
		dst = l.append(dst)
	}
	dst = channels.Append(dst)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], crc32.MakeTable(crc32.Castagnoli)))
}

func decodeMetaRecord(b []byte) (m Meta, l lap, channels watermark.Channels, err error) {
	damaged := fault.New(fault.Corrupt, fault.Place{}, "a changelog meta record is damaged")
	if len(b) < 6 {
		return m, l, channels, damaged
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) != sum {
		return m, l, channels, damaged
	}
	if body[0] != metaRecordVersion && body[0] != metaRecordWithoutLap {
		return m, l, channels, fault.New(fault.Corrupt, fault.Place{}, "a changelog meta record has version %d, which this version does not know", body[0])
	}
	n, k := binary.Uvarint(body[1:])
	if k <= 0 || n > MaxMetaBytes || int(n) > len(body)-1-k {
		return m, l, channels, damaged
	}
	text, rest := body[1+k:1+k+int(n)], body[1+k+int(n):]
	if err := json.Unmarshal(text, &m); err != nil {
		return m, l, channels, fault.Wrap(fault.Corrupt, err, "read a changelog meta record")
	}
	if body[0] != metaRecordWithoutLap {
		if rest, err = l.take(rest); err != nil {
			return m, l, channels, err
		}
	}
	return m, l, channels, channels.Decode(rest)
}

// maxChangelogBytes is where changes are split into records; Kafka's brokers take 1 MiB by default.
const maxChangelogBytes = 512 << 10

// writeChangelog emits the sealed changes and the meta record, and returns the number of records.
func (t *Task) writeChangelog() (records int, err error) {
	if t.view == nil {
		return 0, nil
	}
	changes, err := t.view.Seal()
	if err != nil {
		return 0, err
	}
	if records, err = t.emitChanges(changes); err != nil {
		return records, err
	}
	rewritten, err := t.rewrite(changes)
	if records += rewritten; err != nil {
		return records, err
	}
	var channels watermark.Channels
	if x, ok := t.input.(*receiver); ok {
		channels = x.channels
	}
	told := &t.sealedLap
	if t.cfg.WithoutLaps {
		told = nil
	}
	record := appendMetaRecord(t.metaHead(t.tail(512)), t.sealed, told, &channels)
	t.sealedRecord = append(t.sealedRecord[:0], record[1:]...)
	return records + 1, t.logRecord(record)
}

// emitChanges emits changes, and returns the number of records.
func (t *Task) emitChanges(changes *state.Changes) (records int, err error) {
	for from := 0; from >= 0 && changes.Len() > 0; records++ {
		block := t.changesHead(t.tail(min(changes.Bytes(), maxChangelogBytes) + 64))
		block, from = changes.EncodeFrom(block, from, maxChangelogBytes)
		if err := t.logRecord(block); err != nil {
			return records, err
		}
	}
	return records, nil
}

// tail is where the next record of the changelog is to lie.
func (t *Task) tail(n int) []byte { return t.cfg.Emit.Tail(t.cfg.Changelog, t.cfg.Partition, n) }

func (t *Task) logRecord(value []byte) error {
	return t.cfg.Emit.Emit(t.cfg.Changelog, t.cfg.Partition, nil, value)
}
