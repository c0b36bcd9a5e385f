package session

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
)

const (
	recordSpace = 's'
	timerSpace  = 't'
	flagTimer   = 1 // of a record: the timers of its sessions are in the state too
	wordBytes   = 8
)

func appendTime(dst []byte, t int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(t)^1<<63) //nolint:gosec // bits
}

func timeOf(b []byte) int64 { return int64(binary.BigEndian.Uint64(b) ^ 1<<63) } //nolint:gosec // bits

// appendKey appends the encoded key of an entry.
func (s *Session) appendKey(dst []byte, at uint32) []byte {
	t := &s.table
	switch {
	case s.intKey < 0:
		return append(dst, t.Text(t.Words[at+keyWord])...)
	case t.Words[at+tagWord]&tagNull != 0:
		return batch.AppendNullKey(dst)
	default:
		return batch.AppendInt64Key(dst, int64(t.Words[at+keyWord])) //nolint:gosec // bits
	}
}

// hashOf hashes an encoded key; word is what an entry keeps of it if it is an integer, null the tag if that is NULL.
func (s *Session) hashOf(key []byte) (hash, word, null uint64) {
	if s.intKey < 0 {
		return maphash.Bytes(s.seed, key), 0, 0
	}
	const integer = 1 + wordBytes
	if len(key) != integer {
		return kernel.Hash64(0, s.intSeed), 0, tagNull
	}
	word = binary.BigEndian.Uint64(key[1:]) ^ 1<<63
	return kernel.Hash64(word, s.intSeed), word, 0
}

// appendTimer appends the timer of a session in the state.
func (s *Session) appendTimer(dst []byte, at uint32) []byte {
	return s.appendKey(appendTime(append(dst, timerSpace), s.end(at)), at)
}

// appendRecord appends what the state keeps of a key, from its newest session on.
func (s *Session) appendRecord(dst []byte, newest uint32, flags byte) []byte {
	dst = append(dst, flags)
	for at := newest; at != 0; at = s.table.next(at) {
		s.one = appendSession(s.set, s.one[:0], &s.table.Memory, at)
		dst = binary.AppendUvarint(dst, uint64(len(s.one)))
		dst = append(dst, s.one...)
	}
	return dst
}

// appendSession appends what the state keeps of an entry, but for its key.
func appendSession(set *accumulator.Set, dst []byte, m *accumulator.Memory, at uint32) []byte {
	w := m.Words[at : at+firstWord : at+firstWord]
	dst = appendTime(dst, int64(w[lastWord]))                 //nolint:gosec // bits
	dst = binary.AppendUvarint(dst, w[lastWord]-w[startWord]) // not negative
	dst = binary.AppendUvarint(dst, w[fromWord]-w[startWord]) // not negative
	return set.AppendValue(dst, m, at)
}

// readSession fills in an entry, but for its key.
func readSession(set *accumulator.Set, stored []byte, m *accumulator.Memory, at uint32) error {
	if len(stored) < wordBytes {
		return corrupt("a session that ends too early")
	}
	last := uint64(timeOf(stored)) //nolint:gosec // bits
	stored = stored[wordBytes:]
	length, n := binary.Uvarint(stored)
	if n <= 0 {
		return corrupt("a session that ends too early")
	}
	stored = stored[n:]
	lead, n := binary.Uvarint(stored)
	if n <= 0 {
		return corrupt("a session that ends too early")
	}
	w := m.Words[at : at+firstWord : at+firstWord]
	w[lastWord], w[startWord], w[fromWord] = last, last-length, last-length+lead
	return set.ReadValue(stored[n:], m, at)
}

// openRecord cuts a key's record into flags and sessions.
func openRecord(record []byte) (flags byte, sessions []byte, err error) {
	if len(record) < 1 || record[0]&^flagTimer != 0 {
		return 0, nil, corrupt("an unknown layout of a key")
	}
	return record[0], record[1:], nil
}

// cutSession cuts the first session from those of a record.
func cutSession(sessions []byte) (stored, rest []byte, err error) {
	length, n := binary.Uvarint(sessions)
	if n <= 0 || length > uint64(len(sessions)-n) { //nolint:gosec // n is at most the length
		return nil, nil, corrupt("a key that ends too early")
	}
	sessions = sessions[n:]
	return sessions[:length], sessions[length:], nil
}

func corrupt(what string) error {
	return fault.New(fault.Corrupt, fault.Place{}, "the state of sessions holds %s", what).
		Do("drop the local state, so that it is restored from the changelog")
}
