// Package secret reads files that hold secrets, such as those of a mounted Secret. What it says of an error never holds what is
// in them.
package secret

import (
	"io"
	"os"

	"github.com/millrace/millrace/runtime/fault"
)

// Read returns what a file holds. One that is not there, can't be read or has more than maxBytes is a User error.
func Read(path string, maxBytes int64) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "read a secret")
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.User, err, "read the secret %s", path)
	case int64(len(text)) > maxBytes:
		return nil, fault.New(fault.User, fault.Place{}, "the secret %s has more than %d bytes", path, maxBytes)
	}
	return text, nil
}
