package nexmark

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// Digest is a checksum over events in the order of their positions: SHA-256 of, for each, its kind's name, a tab, its
// JSON and a line feed.
type Digest struct {
	hash hash.Hash
	line []byte
}

// NewDigest returns the digest of no events.
func NewDigest() *Digest { return &Digest{hash: sha256.New()} }

// Add takes in the next event, by its kind and its JSON.
func (d *Digest) Add(k Kind, json []byte) {
	d.line = append(append(append(append(d.line[:0], k.String()...), '\t'), json...), '\n')
	_, _ = d.hash.Write(d.line) // a hash never fails
}

// String returns the checksum in hex.
func (d *Digest) String() string { return hex.EncodeToString(d.hash.Sum(nil)) }
