package report

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/millrace/millrace/bench/measure"
)

// Run is one line of runs.jsonl: a run that was done, from which a comparison that was cut off goes on.
type Run struct {
	// Setting says under which circumstances: only runs of the same setting are put together.
	Setting string `json:"setting"`
	Query   string `json:"query"`
	Engine  string `json:"engine"`
	Round   int    `json:"round"`
	// Fault is why there is no outcome, or why it does not count.
	Fault string `json:"fault,omitempty"`
	measure.Outcome
}

// Runs reads the runs of a file; one that does not exist has none.
func Runs(path string) ([]Run, error) {
	file, err := os.Open(path) //nolint:gosec // the bench's own file
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	var runs []Run
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var r Run
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// Append adds a run to the file.
func (r Run) Append(path string) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the bench's own file
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Close())
}
