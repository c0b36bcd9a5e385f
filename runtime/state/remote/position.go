package remote

import (
	"encoding/binary"
	"slices"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// positionVersion is the first byte of a stored position.
const positionVersion = 1

// EncodePosition returns a position in the changelog whose topic has an id, as it is stored:
//
//	version   1 byte: 1
//	changelog uvarint length, then the id
//	offset    varint
//	commit    varint
//	meta      the rest
//
// Nothing stored is the zero position of no changelog.
func EncodePosition(changelog string, at state.Position) []byte {
	b := make([]byte, 0, 1+3*binary.MaxVarintLen64+len(changelog)+len(at.Meta))
	b = append(b, positionVersion)
	b = binary.AppendUvarint(b, uint64(len(changelog)))
	b = append(b, changelog...)
	b = binary.AppendVarint(b, at.Offset)
	b = binary.AppendVarint(b, at.Commit)
	return append(b, at.Meta...)
}

// DecodePosition reads what EncodePosition has written. The result shares nothing with b.
func DecodePosition(b []byte) (changelog string, at state.Position, err error) {
	if len(b) == 0 {
		return "", at, nil
	}
	damaged := fault.New(fault.Corrupt, fault.Place{}, "a stored position is unreadable").Do("delete what the server has of the job; it is restored from Kafka")
	if b[0] != positionVersion {
		return "", at, damaged
	}
	length, n := binary.Uvarint(b[1:])
	if n <= 0 || length > uint64(len(b)-1-n) { //nolint:gosec // not negative: n bytes were read
		return "", at, damaged
	}
	b = b[1+n:]
	changelog, b = string(b[:length]), b[length:]
	if at.Offset, n = binary.Varint(b); n <= 0 {
		return "", at, damaged
	}
	b = b[n:]
	if at.Commit, n = binary.Varint(b); n <= 0 {
		return "", at, damaged
	}
	at.Meta = slices.Clone(b[n:])
	return changelog, at, nil
}
