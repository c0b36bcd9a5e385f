package savepoint

import (
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/fault"
)

// The parts of names.
const (
	savepointsFolder = "savepoints/"
	manifestName     = "manifest.json"
	partsFolder      = "parts/"
	stateFolder      = "state/"
)

// randomBytes tell apart savepoints of one second.
const randomBytes = 3

// NewID returns an id: when the savepoint was asked for, and some random bytes. Ids sort by time.
func NewID(at time.Time, random [randomBytes]byte) string {
	return "sp-" + at.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:])
}

// CheckID returns an error of kind User when an id can't be that of a savepoint. Others may make ids as they like, of letters, digits, dashes,
// dots and underscores.
func CheckID(id string) error {
	const most = 128
	if len(id) > most || !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`).MatchString(id) {
		return fault.New(fault.User, fault.Place{}, "%q is no id of a savepoint", id).
			Do("an id is of letters, digits, dashes, dots and underscores, %d at most, as in sp-20261128T070000Z-1a2b3c", most)
	}
	return nil
}

// jobDir is where a job's savepoints are.
func jobDir(job string) string { return url.PathEscape(job) + "/" + savepointsFolder }

// dir is where a savepoint is.
func dir(job, id string) string { return jobDir(job) + id + "/" }

// parseManifestName reads the name of a manifest.
func parseManifestName(name string) (job, id string, ok bool) {
	rest, ok := strings.CutSuffix(name, "/"+manifestName)
	if !ok {
		return "", "", false
	}
	escaped, id, ok := strings.Cut(rest, "/"+savepointsFolder)
	if !ok || CheckID(id) != nil || strings.Contains(escaped, "/") {
		return "", "", false
	}
	job, err := url.PathUnescape(escaped)
	return job, id, err == nil
}
