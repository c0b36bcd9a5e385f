package command

import (
	"encoding/json"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Layout is the version of the records that this build writes and reads.
const Layout = 1

// maxRecordBytes and maxTextBytes bound what a record may hold.
const (
	maxRecordBytes = 64 << 10
	maxTextBytes   = 4 << 10
)

// Kind says what a record is about.
type Kind string

// The kinds of records.
const (
	// Savepoint asks for a savepoint.
	Savepoint Kind = "savepoint"
	// Cut says that every task has been cut: the sources of a job that runs on may go on.
	Cut Kind = "cut"
	// Done says that the savepoint's manifest is written.
	Done Kind = "done"
	// Aborted says that there will be no savepoint, and why.
	Aborted Kind = "aborted"
	// Positions says how far the job's tasks are: sources hold back for those that are behind.
	Positions Kind = "positions"
	// Resume lets a job go on whose savepoint was to stop it.
	Resume Kind = "resume"
	// Drain asks for the end of the job: its sources end where they are, and all that is open comes out.
	Drain Kind = "drain"
	// Draining says how many tasks have come to their ends.
	Draining Kind = "draining"
	// Drained says that all have, and that it is committed.
	Drained Kind = "drained"
)

// Record is one record of a job's control topic.
type Record struct {
	Layout int  `json:"layout"`
	Kind   Kind `json:"kind"`
	// ID names the savepoint, or the request that the job be drained; of all but Positions.
	ID string `json:"id,omitempty"`
	// At is when the record was made, by its maker's clock.
	At time.Time `json:"at"`
	// Deadline is when everybody goes on if the savepoint is not there; of Savepoint only.
	Deadline time.Time `json:"deadline,omitzero"`
	// Stop keeps the sources held once the savepoint is done; of Savepoint only.
	Stop bool `json:"stop,omitempty"`
	// Reason says why, of Aborted.
	Reason string `json:"reason,omitempty"`
	// Rows and Bytes are what the savepoint holds, of Done.
	Rows  int64 `json:"rows,omitempty"`
	Bytes int64 `json:"bytes,omitempty"`
	// Tasks are those of the job, and Ended those of them that have come to their ends; of Draining and Drained.
	Tasks int `json:"tasks,omitempty"`
	Ended int `json:"ended,omitempty"`
	// Low is the least watermark of the sources that are not idle, of Positions; absent where none has one.
	Low *types.Watermark `json:"low,omitempty"`
	// Unread is how many records of each exchange wait for their reader, by the exchange's name, of Positions; one that is not
	// named has none.
	Unread map[string]int64 `json:"unread,omitempty"`
}

// Encode returns the record's JSON. A reason that is too long is cut off.
func (r Record) Encode() []byte {
	r.Layout = Layout
	if len(r.Reason) > maxTextBytes {
		r.Reason = r.Reason[:maxTextBytes] + "…"
	}
	b, _ := json.Marshal(r) //nolint:errchkjson // strings, numbers and times of our own always marshal
	return b
}

// Decode reads a record.
func Decode(b []byte) (Record, error) {
	var r Record
	if len(b) > maxRecordBytes {
		return r, fault.New(fault.Data, fault.Place{}, "a record of %d bytes in the control topic is not ours", len(b))
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fault.Wrap(fault.Data, err, "read a record of the control topic")
	}
	if r.Layout != Layout {
		return r, fault.New(fault.Data, fault.Place{}, "a record of the control topic has layout %d, this version knows %d", r.Layout, Layout)
	}
	return r, nil
}
