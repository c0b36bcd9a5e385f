package remote

import (
	"bytes"

	"github.com/millrace/millrace/runtime/fault"
)

// Held is what a server has of a task: who opened it last, and the encoded position. The zero value is a task that it has
// never heard of.
type Held struct {
	Owner    int64
	Position []byte
}

// Write is a step of a task from one encoded position to another, by an owner.
type Write struct {
	Task          string
	Owner         int64
	Before, After []byte
}

// Outcome says whether a write was done, by what the server has afterwards. Not done and no error means that it can be
// sent again. Else it is Fenced, or what Lost says.
func (w Write) Outcome(found Held) (done bool, err error) {
	switch {
	case found.Owner != w.Owner:
		return false, Stranger(w.Task, w.Owner, found.Owner)
	case bytes.Equal(found.Position, w.Before):
		return false, nil
	case bytes.Equal(found.Position, w.After):
		return true, nil
	default:
		return false, Lost(w.Task)
	}
}

// Stranger is the error of an owner that finds another one in its place: Fenced by a later one. An earlier one or none
// stands there when the server has lost what it knew.
func Stranger(task string, owner, found int64) error {
	if found > owner {
		return fault.New(fault.Fenced, fault.Place{}, "the state of task %s was opened by another worker", task)
	}
	return Lost(task)
}

// Lost is the error of a task whose server does not have what was written there: it was flushed, it evicted the key, it
// was restored from a backup, or its successor never got the last writes. Opening the task again restores it.
func Lost(task string) error {
	return fault.New(fault.Transient, fault.Place{}, "the server has lost writes to the state of task %s", task).
		Do("nothing, the changelog brings them back; if it happens often, see that the server evicts nothing")
}
