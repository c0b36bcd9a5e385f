package task

import (
	"encoding/binary"
	"math"

	"github.com/millrace/millrace/runtime/fault"
)

// Changelog records of commits that are no transactions. Any number of them can stand in the log that count for nothing, and between
// those of others, so each says whose it is:
//
//	3 changes: uvarint owner | uvarint commit | a block of state.Changes
//	4 meta:    as 2
const (
	changelogOwnedChanges byte = 3
	changelogOwnedMeta    byte = 4
)

// appendOwner appends what stands before the block.
func appendOwner(dst []byte, m Meta) []byte {
	dst = binary.AppendUvarint(dst, uint64(m.Owner)) //nolint:gosec // epochs are not negative
	return binary.AppendUvarint(dst, uint64(m.Seq))  //nolint:gosec // a count
}

// takeOwner reads it, and returns the block.
func takeOwner(b []byte) (owner, commit int64, block []byte, err error) {
	for _, to := range []*int64{&owner, &commit} {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > math.MaxInt64 {
			return 0, 0, nil, fault.New(fault.Corrupt, fault.Place{}, "a changelog record does not say whose changes it holds")
		}
		*to, b = int64(n), b[k:]
	}
	return owner, commit, b, nil
}

// changesHead begins a record of changes of the commit that is being sealed.
func (t *Task) changesHead(dst []byte) []byte {
	if t.cfg.Untransacted {
		return appendOwner(append(dst, changelogOwnedChanges), t.sealed)
	}
	return append(dst, changelogChanges)
}

// metaHead begins its meta record.
func (t *Task) metaHead(dst []byte) []byte {
	if t.cfg.Untransacted {
		return append(dst, changelogOwnedMeta)
	}
	return append(dst, changelogMeta)
}

// owned is an Output that says by whom it is written.
type owned interface {
	// Own names the ownership epoch of what is said from now on.
	Own(owner int64)
}

// own tells the outputs the ownership epoch, where no transaction fences former owners.
func (t *Task) own() {
	if !t.cfg.Untransacted {
		return
	}
	for _, c := range t.chains {
		if o, ok := c.output.(owned); ok {
			o.Own(t.committed.Owner)
		}
	}
}
