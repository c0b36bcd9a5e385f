package answer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Answer is what an output amounts to.
type Answer struct {
	Rows int64 `json:"rows"`
	// Sum is that of the query's column, in thousandths where it is Decimal.
	Sum    int64  `json:"sum"`
	Digest string `json:"digest"`
}

func (a Answer) String() string {
	return fmt.Sprintf("%d rows, sum %d, digest %s", a.Rows, a.Sum, a.Digest)
}

// Collector makes an answer of records.
type Collector struct {
	row *row
	// lastStart is the latest start of a window that counts.
	lastStart int64
	hashes    []uint64
	sum       int64
	latest    map[string]entry // of an engine that updates
	// Records and Bytes are what was added, whatever became of it.
	Records, Bytes int64
}

type entry struct {
	hash uint64
	sum  int64
}

// NewCollector returns an empty collector. Windows that start after lastStart are left out. With updates, the record's key
// says which value a new one replaces.
func NewCollector(q Query, lastStart int64, updates bool) *Collector {
	c := &Collector{row: newRow(q), lastStart: lastStart}
	if updates && q.WindowStart >= 0 {
		c.latest = map[string]entry{}
	}
	return c
}

// Add takes a record in. Key and value are not kept.
func (c *Collector) Add(key, value []byte) error {
	c.Records++
	c.Bytes += int64(len(key) + len(value))
	if value == nil && c.latest != nil {
		delete(c.latest, string(key))
		return nil
	}
	text, err := c.row.read(value)
	if err != nil {
		return err
	}
	if c.row.q.WindowStart >= 0 && c.row.start > c.lastStart {
		return nil
	}
	hash := xxhash.Sum64(text)
	if c.latest != nil {
		c.latest[string(key)] = entry{hash, c.row.sum}
		return nil
	}
	c.hashes = append(c.hashes, hash)
	c.sum += c.row.sum
	return nil
}

// Answer returns what was added so far amounts to.
func (c *Collector) Answer() Answer {
	hashes, sum := slices.Clone(c.hashes), c.sum
	for _, e := range c.latest {
		hashes = append(hashes, e.hash)
		sum += e.sum
	}
	slices.Sort(hashes)
	digest := sha256.New()
	var bytes [8]byte
	for _, h := range hashes {
		binary.BigEndian.PutUint64(bytes[:], h)
		_, _ = digest.Write(bytes[:]) // a hash takes everything
	}
	const shown = 8
	return Answer{Rows: int64(len(hashes)), Sum: sum, Digest: hex.EncodeToString(digest.Sum(nil)[:shown])}
}
