package savepoint

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/types"
)

// Layout is the version of manifests, parts and files that this build writes and reads.
const Layout = 1

// maxPartBytes bounds a part.
const maxPartBytes = 64 << 20

// Header says whose part of which savepoint it is.
type Header struct {
	// Job is the prefix of the job's names on Kafka.
	Job string `json:"job"`
	// ID is the savepoint's.
	ID string `json:"id"`
	// Stage and Partition name the task.
	Stage     string `json:"stage"`
	Partition int32  `json:"partition"`
	// Attempt tells apart the tries of a task to write its part: no two, whichever worker makes them, have the same. It is
	// of letters, digits, dots and dashes.
	Attempt string `json:"attempt"`
}

func (h Header) check() error {
	if err := CheckID(h.ID); err != nil {
		return err
	}
	if h.Job == "" || h.Stage == "" || h.Partition < 0 || !regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`).MatchString(h.Attempt) {
		return fault.New(fault.Bug, fault.Place{}, "a part of a savepoint of %+v", h)
	}
	return nil
}

// name is that of the part.
func (h Header) name() string {
	return fmt.Sprintf("%s%s%s/%d-%s.json", dir(h.Job, h.ID), partsFolder, url.PathEscape(h.Stage), h.Partition, h.Attempt)
}

// file is the name of a file of an operator, below the savepoint's folder.
func (h Header) file(operatorID string, number int) string {
	return fmt.Sprintf("%s%s/%s/%d-%s-%d.parquet", stateFolder, url.PathEscape(h.Stage), url.PathEscape(operatorID), h.Partition, h.Attempt, number)
}

// Part is what a task has written.
type Part struct {
	Layout int `json:"layout"`
	Header
	// Operators are those of the task that keep state, with or without rows.
	Operators []OperatorPart `json:"operators"`
}

// OperatorPart is the state that an operator has in a task.
type OperatorPart struct {
	// ID is the operator's.
	ID string `json:"id"`
	// Columns are those of its files.
	Columns []Column `json:"columns"`
	// HashedBy names the columns by which the exchange before the operator hashes, in its order; null where rows stay in the
	// partition that they come from.
	HashedBy []string `json:"hashedBy"`
	// Mark is what an import has to know beforehand; see operator.StateExport.
	Mark *int64 `json:"mark,omitempty"`
	// Files hold the rows in the order of the state's keys.
	Files []File `json:"files"`
}

// Column is a column of an operator's files.
type Column struct {
	Name string     `json:"name"`
	Kind types.Kind `json:"type"`
	// Wide says that the values are integers of 128 bits, which are DECIMAL(38, 0) in a file.
	Wide bool `json:"wide,omitempty"`
}

// File is a Parquet file.
type File struct {
	// Name is below the savepoint's folder.
	Name string `json:"name"`
	// Size and SHA256 are those of the blob.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Rows counts what is inside.
	Rows int64 `json:"rows"`
}

// ReadPart reads a part by the digest that its task has committed.
func ReadPart(ctx context.Context, blobs snapshot.Blobs, h Header, digest string) (Part, error) {
	var p Part
	if err := h.check(); err != nil {
		return p, err
	}
	name := h.name()
	text, err := blobs.Get(ctx, name, maxPartBytes)
	if err != nil {
		return p, classed(name, err)
	}
	if sum := checksum(text); sum != digest {
		return p, corrupt(name, "its checksum is %s, its task has committed %s", sum, digest)
	}
	if err := unseal(name, text, &p); err != nil {
		return p, err
	}
	if p.Header != h {
		return p, corrupt(name, "it is of %+v, not of %+v", p.Header, h)
	}
	return p, nil
}

// partOf returns the part of an operator without rows.
func partOf(c operator.NamedCodec) OperatorPart {
	return OperatorPart{ID: c.ID, Columns: columnsOf(c.Columns()), HashedBy: hashedBy(c), Files: []File{}}
}

func hashedBy(c operator.StateCodec) []string {
	if c.Keys() == nil {
		return nil
	}
	names := []string{}
	for _, k := range c.Keys() {
		names = append(names, c.Columns()[k].Name)
	}
	return names
}

// columnsOf returns the columns of a codec as a manifest has them.
func columnsOf(list []operator.StateColumn) []Column {
	out := make([]Column, len(list))
	for i, c := range list {
		out[i] = Column{Name: c.Name, Kind: c.Kind, Wide: c.Wide}
	}
	return out
}

func kindsOf(list []Column) []types.Kind {
	out := make([]types.Kind, len(list))
	for i, c := range list {
		out[i] = c.Kind
	}
	return out
}

// isFile says whether a name can be that of a file of a savepoint.
func isFile(name string) bool {
	return strings.HasPrefix(name, stateFolder) && !strings.Contains(name, "..")
}
