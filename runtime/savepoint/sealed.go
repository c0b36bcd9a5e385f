package savepoint

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
)

// sealed is a document as it is stored.
type sealed struct {
	// SHA256 is that of the document's text.
	SHA256   string          `json:"sha256"`
	Document json.RawMessage `json:"document"`
}

// seal encodes a document with its checksum.
func seal(document any) ([]byte, error) {
	text, err := json.Marshal(document)
	if err == nil {
		text, err = json.Marshal(sealed{checksum(text), text})
	}
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode a part of a savepoint")
	}
	return text, nil
}

// unseal reads what seal has written; name is for the error. That a document encodes to the same bytes again covers what
// a checksum of a part and a lenient parser leave open: no bit of it can be another.
func unseal(name string, text []byte, into any) error {
	var s sealed
	if err := json.Unmarshal(text, &s); err != nil {
		return corrupt(name, "it is not what was written: %v", err)
	}
	if checksum(s.Document) != s.SHA256 {
		return corrupt(name, "its checksum differs")
	}
	var head struct {
		Layout int `json:"layout"`
	}
	if err := json.Unmarshal(s.Document, &head); err != nil {
		return corrupt(name, "it is not what was written: %v", err)
	}
	if head.Layout != Layout {
		return fault.New(fault.User, fault.InText(name, 0, 0), "it has layout %d, this build reads %d", head.Layout, Layout).
			Do("use the version of Millrace that wrote the savepoint, or a newer one")
	}
	if err := json.Unmarshal(s.Document, into); err != nil {
		return corrupt(name, "it is not what was written: %v", err)
	}
	if again, err := seal(into); err != nil || !bytes.Equal(again, text) {
		return corrupt(name, "it is not as it was written")
	}
	return nil
}

func checksum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// corrupt is an error about a blob.
func corrupt(name, format string, args ...any) *fault.Error {
	return fault.New(fault.Corrupt, fault.InText(name, 0, 0), format, args...)
}

// put writes a blob and reads it back: what the store says of a blob is not what it holds.
func put(ctx context.Context, blobs snapshot.Blobs, name string, content []byte, sum string) error {
	if err := blobs.Put(ctx, name, content); err != nil {
		return err
	}
	back, err := blobs.Get(ctx, name, int64(len(content)))
	if err != nil {
		return classed(name, err)
	}
	if checksum(back) != sum {
		return fault.New(fault.Transient, fault.InText(name, 0, 0), "the store does not return what was written")
	}
	return nil
}

// fetch reads a file and compares it with what the manifest says.
func fetch(ctx context.Context, blobs snapshot.Blobs, name string, f File) ([]byte, error) {
	blob, err := blobs.Get(ctx, name, f.Size)
	if err != nil {
		return nil, classed(name, err)
	}
	if int64(len(blob)) != f.Size {
		return nil, corrupt(name, "it has %d bytes, the manifest says %d", len(blob), f.Size)
	}
	if sum := checksum(blob); sum != f.SHA256 {
		return nil, corrupt(name, "its checksum is %s, the manifest says %s", sum, f.SHA256)
	}
	return blob, nil
}

// classed makes a blob that is not there a Corrupt error: somebody names it.
func classed(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.Corrupt, err, "a blob of a savepoint is gone").At(fault.InText(name, 0, 0))
	}
	return err
}
