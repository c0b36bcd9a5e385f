package httpapi

import (
	"os"
	"slices"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/secret"
)

// maxFileBytes bounds what is read of a file.
const maxFileBytes = 1 << 20

// files are files that somebody may replace. Stamps are what they looked like when they were read.
type files struct {
	paths  []string
	stamps []os.FileInfo
}

// look returns what the files look like now, and whether that is what they looked like before.
func (f *files) look() (now []os.FileInfo, same bool, err error) {
	for _, p := range f.paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, false, fault.Wrap(fault.User, err, "look at a secret")
		}
		now = append(now, info)
	}
	return now, slices.EqualFunc(now, f.stamps, func(a, b os.FileInfo) bool {
		return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
	}), nil
}

func read(path string) ([]byte, error) { return secret.Read(path, maxFileBytes) }
