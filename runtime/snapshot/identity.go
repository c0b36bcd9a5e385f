package snapshot

import (
	"net/url"
	"strconv"
	"strings"
)

// Identity says whose state a snapshot holds.
type Identity struct {
	// Job is the prefix of the job's names on Kafka.
	Job string `json:"job"`
	// StateEpoch is the job's epoch at which its state began anew.
	StateEpoch int64 `json:"stateEpoch"`
	// StateHash identifies the layout of the plan's state.
	StateHash string `json:"stateHash"`
	// Task is "<stage>/<partition>".
	Task string `json:"task"`
	// Log is the id of the changelog topic: another topic of the same name has other offsets.
	Log string `json:"log"`
}

// taskDir is where the task's snapshots are, those of deleted changelog topics included.
func (i Identity) taskDir() string {
	stage, partition, _ := strings.Cut(i.Task, "/")
	return strings.Join([]string{url.PathEscape(i.Job), strconv.FormatInt(i.StateEpoch, 10), url.PathEscape(stage), partition, ""}, "/")
}

// dir is where the snapshots with this identity are.
func (i Identity) dir() string { return i.taskDir() + i.Log + "/" }
