package redisstore

import (
	"bytes"
	"encoding/binary"

	"github.com/millrace/millrace/runtime/fault"
)

// Behind a stem stands keyEnd where the value begins, and pastKey is above all values.
const (
	keyEnd  = 0x01
	pastKey = 0x02
	escaped = 0xff
)

// appendStem appends the beginning that all members of a key have: space, escaped key, 0x00.
func appendStem(dst, key []byte) []byte {
	dst = append(dst, dataSpace)
	for {
		i := bytes.IndexByte(key, 0)
		if i < 0 {
			return append(append(dst, key...), 0)
		}
		dst = append(append(dst, key[:i]...), 0, escaped)
		key = key[i+1:]
	}
}

// appendBound appends the smallest member that a key could have, the bound of a range. An empty upper bound is the end.
func appendBound(dst, key []byte) []byte { return append(appendStem(dst, key), keyEnd) }

func appendUpper(dst, upper []byte) []byte {
	if len(upper) == 0 {
		return append(dst, dataSpace+1)
	}
	return appendBound(dst, upper)
}

// split takes a member apart; the key goes to scratch.
func split(scratch []byte, member string) (key []byte, value string, err error) {
	key = scratch[:0]
	for i := 1; i < len(member); i++ {
		if member[i] != 0 {
			key = append(key, member[i])
			continue
		}
		if i++; i == len(member) {
			break
		}
		switch member[i] {
		case escaped:
			key = append(key, 0)
		case keyEnd:
			return key, member[i+1:], nil
		default:
			return nil, "", errMember()
		}
	}
	return nil, "", errMember()
}

func errMember() error {
	return fault.New(fault.Corrupt, fault.Place{}, "a member of a task's set on Redis is none of ours").Do("delete the key; it is restored from Kafka")
}

// appendPacked appends a change for the scripts: its kind, and two parts behind their lengths.
func appendPacked(dst []byte, kind byte, name, value []byte) []byte {
	dst = append(dst, kind)
	dst = append(binary.BigEndian.AppendUint32(dst, uint32(len(name))), name...)    //nolint:gosec // state.Changes bounds it
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(value))), value...) //nolint:gosec // state.Changes bounds it
}
