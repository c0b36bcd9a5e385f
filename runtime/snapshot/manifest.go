package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

const (
	// Layout is the version of manifests and files that this build writes and reads.
	Layout = 1

	// maxManifestBytes and maxFiles bound a manifest: a task of a terabyte.
	maxManifestBytes = 64 << 20
	maxFiles         = 128 << 10
)

// Manifest is a snapshot: what it is of, and where its parts are.
type Manifest struct {
	Layout int `json:"layout"`
	Identity
	// Offset, Commit and Meta are the Position that the files equal.
	Offset int64  `json:"offset"`
	Commit int64  `json:"commit"`
	Meta   []byte `json:"meta"`
	// TakenAt is when the state was frozen.
	TakenAt time.Time `json:"takenAt"`
	// Files hold the keys in ascending order.
	Files []File `json:"files"`
}

// File is a part of a snapshot.
type File struct {
	// Name is below the identity's folder.
	Name string `json:"name"`
	// Size and SHA256 are those of the blob.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Keys and Bytes count what is inside: bytes of keys and values.
	Keys  int64 `json:"keys"`
	Bytes int64 `json:"bytes"`
}

// Position is the commit that the snapshot equals.
func (m *Manifest) Position() state.Position {
	return state.Position{Offset: m.Offset, Commit: m.Commit, Meta: m.Meta}
}

// Totals sums over the files: bytes of blobs, and keys.
func (m *Manifest) Totals() (size, keys int64) {
	for i := range m.Files {
		size, keys = size+m.Files[i].Size, keys+m.Files[i].Keys
	}
	return size, keys
}

// envelope is a manifest as it is stored.
type envelope struct {
	// SHA256 is that of the manifest's text.
	SHA256   string          `json:"sha256"`
	Manifest json.RawMessage `json:"manifest"`
}

func (m *Manifest) encode() ([]byte, error) {
	text, err := json.Marshal(m)
	if err == nil {
		text, err = json.Marshal(envelope{checksum(text), text})
	}
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode a manifest")
	}
	return text, nil
}

// decodeManifest reads what encode has written; name is for the error. That a manifest encodes to the same bytes again
// covers what a checksum of a part and a lenient parser leave open: no bit of it can be another.
func decodeManifest(name string, text []byte) (*Manifest, error) {
	var e envelope
	var m Manifest
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, corrupt(name, "it is not a manifest: %v", err)
	}
	if checksum(e.Manifest) != e.SHA256 {
		return nil, corrupt(name, "its checksum differs")
	}
	if err := json.Unmarshal(e.Manifest, &m); err != nil {
		return nil, corrupt(name, "it is not a manifest: %v", err)
	}
	if m.Layout != Layout {
		return nil, corrupt(name, "it has layout %d, this build reads %d", m.Layout, Layout)
	}
	if again, err := m.encode(); err != nil || !bytes.Equal(again, text) {
		return nil, corrupt(name, "it is not as it was written")
	}
	for i := range m.Files {
		if !strings.HasPrefix(m.Files[i].Name, dataFolder) || m.Files[i].Size < 0 || m.Files[i].Bytes < 0 {
			return nil, corrupt(name, "it names a file %q that is none", m.Files[i].Name)
		}
	}
	return &m, nil
}

func checksum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// corrupt is an error about a blob.
func corrupt(name, format string, args ...any) *fault.Error {
	return fault.New(fault.Corrupt, fault.InText(name, 0, 0), format, args...)
}
