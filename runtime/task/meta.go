package task

import (
	"encoding/json"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// MaxMetaBytes is what brokers take as an offset's metadata by default (offset.metadata.max.bytes).
const MaxMetaBytes = 4096

// Meta is the proof that travels twice with each commit of a task: as the metadata of its committed offset, and for a
// task with state in the last changelog record of the commit. After a crash both must say the same.
type Meta struct {
	// JobEpoch is the epoch of the job that the committing worker ran. A fence writes it anew.
	JobEpoch int64 `json:"epoch"`
	// Owner is the ownership epoch: one more each time that the task is opened. Two workers that open it one after the
	// other, the first without a commit, have the same one.
	Owner int64 `json:"owner"`
	// Worker is the ordinal of the worker that committed. Together with Owner and Seq it names a commit: of the processes of
	// one ordinal only the last can commit.
	Worker int `json:"worker"`
	// Seq is the number of the task's commit, never reused; 0 is a task that has never committed.
	Seq int64 `json:"seq"`
	// Offset is the next input offset, markers included.
	Offset int64 `json:"offset"`
	// Watermark is the task's watermark (for a source, its partition's); it counts only when Seq is above 0 or Restored is
	// set. It is written as a string, because JSON tools round numbers of this size.
	Watermark types.Watermark `json:"watermark,string"`
	// Idle says that the source partition was idle.
	Idle bool `json:"idle,omitempty"`
	// Lap is the offset in the task's changelog at which its last complete lap begins (see Laps): the records from there on are
	// the whole state. 0 is the beginning of the log.
	Lap int64 `json:"lap,omitempty"`
	// Shed is how many offsets of the input were left out since the state epoch began (see Task.Skip).
	Shed int64 `json:"shed,omitempty"`
	// Cut is the task's part in the savepoint that is being written.
	Cut Cut `json:"cut,omitzero"`
	// Restored names the savepoint that the task begins from, until it has taken over its state.
	Restored string `json:"restored,omitempty"`
}

// Cut is what a task says of a savepoint: where it was cut, and later what it has written. Once committed, nothing that the task
// does afterwards changes it, so the savepoint is the same whoever collects it, and when.
type Cut struct {
	// ID numbers the savepoint; 0 is none.
	ID int64 `json:"id"`
	// Seq is the commit that the task's share of the savepoint equals; Offset, Watermark and Idle are that commit's.
	Seq       int64           `json:"seq"`
	Offset    int64           `json:"offset"`
	Watermark types.Watermark `json:"watermark,string"`
	Idle      bool            `json:"idle,omitempty"`
	// Part is the digest of what a task with state has written; empty until it has.
	Part string `json:"part,omitempty"`
	// Failure says why there will be no part.
	Failure string `json:"failure,omitempty"`
}

// watermarkCounts says whether the meta is of a task that has worked, or continues one that has.
func (m Meta) watermarkCounts() bool { return m.Seq > 0 || m.Restored != "" }

// Encode returns the JSON of the meta, far below MaxMetaBytes.
func (m Meta) Encode() string {
	b, _ := json.Marshal(m) //nolint:errchkjson // integers and a bool always marshal
	return string(b)
}

// DecodeMeta reads an offset's metadata. Empty is the zero Meta: an offset that no task of ours has written.
func DecodeMeta(s string) (Meta, error) {
	var m Meta
	if s == "" {
		return m, nil
	}
	if len(s) > MaxMetaBytes {
		return m, fault.New(fault.Corrupt, fault.Place{}, "an offset's metadata of %d bytes is not ours", len(s))
	}
	if err := json.Unmarshal([]byte(s), &m); err != nil {
		return Meta{}, fault.Wrap(fault.Corrupt, err, "read the metadata of a committed offset")
	}
	if m.Seq < 0 || m.Offset < 0 || m.Owner < 0 || m.Worker < 0 || m.Lap < 0 || m.Shed < 0 {
		return Meta{}, fault.New(fault.Corrupt, fault.Place{}, "an offset's metadata holds a negative number: %s", s)
	}
	return m, nil
}

// CheckRestore compares the metadata of the committed offset with the changelog's last meta record (zero Metas where
// there are none). The job epoch and the owner may differ: a fence and an opening without a commit write the offset
// alone.
func CheckRestore(offset, changelog Meta) error {
	if offset.Seq == changelog.Seq && (offset.Seq == 0 || offset.Offset == changelog.Offset) {
		return nil
	}
	return fault.New(fault.Corrupt, fault.Place{}, "the committed offset says commit %d at offset %d, the changelog commit %d at offset %d",
		offset.Seq, offset.Offset, changelog.Seq, changelog.Offset).
		Do("start the job from a savepoint, or empty; its state and its position do not belong together")
}
