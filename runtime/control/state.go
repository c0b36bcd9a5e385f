package control

import (
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/runtime/types"
)

// APIVersion is the version of what the HTTP API answers under /v1: fields are added under it, and none is renamed or
// changes its meaning.
const APIVersion = 1

// Stateful is an operator whose state can be asked for.
type Stateful struct {
	// ID is the operator's, and Stage the stage that it is in.
	ID    string `json:"id"`
	Stage string `json:"stage"`
	// Kind says what it is: aggregate or sessions.
	Kind string `json:"kind"`
	// Partitions is the number of the stage's tasks; a key is in one of them.
	Partitions int `json:"partitions"`
	// Key are the columns that make up a key, in order, and Values those that the operator computes.
	Key    []types.Column `json:"key"`
	Values []types.Column `json:"values"`
}

// State is what is committed of one key of an operator.
type State struct {
	// Operator and Stage name the operator, Partition the task that has the key, and Epoch and Worker who answers.
	Operator  string `json:"operator"`
	Stage     string `json:"stage"`
	Partition int32  `json:"partition"`
	Epoch     int64  `json:"epoch"`
	Worker    int    `json:"worker"`
	// Key is the key as an array of JSON values, in the order of the operator's key columns.
	Key json.RawMessage `json:"key"`
	// AsOf is the commit that the answer equals.
	AsOf Commit `json:"asOf"`
	// Windows are the key's live windows, or its sessions, in the order of their ends.
	Windows []Window `json:"windows"`
	// More says that there are more windows than an answer holds: these are the first.
	More bool `json:"more,omitempty"`
}

// Commit is a commit of a task.
type Commit struct {
	// Seq is its number; 0 is a task that has never committed.
	Seq int64 `json:"seq"`
	// ChangelogOffset is the offset after the commit's last record in the stage's changelog.
	ChangelogOffset int64 `json:"changelogOffset"`
	// Watermark is the task's then, written as a string.
	Watermark types.Watermark `json:"watermark,string"`
}

// Window is a live window of a key with what it would emit if it fired now.
type Window struct {
	// Start and End are times in the form of RFC 3339, in UTC.
	Start string `json:"start"`
	End   string `json:"end"`
	// Values is an object of the operator's value columns; left out where there is a Problem.
	Values json.RawMessage `json:"values,omitempty"`
	// Problem says why there are no values: what the window has come to can't be emitted.
	Problem string `json:"problem,omitempty"`
}

// UnknownOperatorError says that there is no such operator with state.
type UnknownOperatorError struct {
	// Operator was asked for, and Known are those that there are.
	Operator string
	Known    []string
}

// Error names the operator.
func (e *UnknownOperatorError) Error() string {
	return fmt.Sprintf("there is no operator %q with state", e.Operator)
}

// BadKeyError says that a text is no key of an operator.
type BadKeyError struct{ Cause error }

// Error says what is wrong with it.
func (e *BadKeyError) Error() string { return "the key: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *BadKeyError) Unwrap() error { return e.Cause }

// ElsewhereError says that another worker has what was asked for.
type ElsewhereError struct {
	// Worker is its ordinal, and Instance its name in the group.
	Worker   int
	Instance string
}

// Error names the worker.
func (e *ElsewhereError) Error() string { return fmt.Sprintf("worker %d has this key", e.Worker) }

// NotNowError says that there is no answer at the moment; a moment later there may be.
type NotNowError struct{ Why string }

// Error says why.
func (e *NotNowError) Error() string { return e.Why }
