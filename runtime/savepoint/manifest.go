package savepoint

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/types"
)

// maxManifestBytes bounds a manifest: some hundred thousand files.
const maxManifestBytes = 256 << 20

// Manifest is a savepoint: what it is of, where the sources stood, and where the state is.
type Manifest struct {
	Layout int `json:"layout"`
	// Job is the prefix of the job's names on Kafka, ID the savepoint's.
	Job string `json:"job"`
	ID  string `json:"id"`
	// Epoch is the job's; StateEpoch the one at which its state began anew.
	Epoch      int64 `json:"epoch"`
	StateEpoch int64 `json:"stateEpoch"`
	// Kind says what it was taken for, as whoever asked for it calls that.
	Kind string `json:"kind"`
	// TakenAt is when it was complete.
	TakenAt time.Time `json:"takenAt"`
	// Plan is the document of the plan that ran, and the others are copies from it.
	Plan           json.RawMessage `json:"plan"`
	PlanHash       string          `json:"planHash"`
	StateHash      string          `json:"stateHash"`
	MaxParallelism int             `json:"maxParallelism"`
	// Sources are the partitions of all topics that the job reads.
	Sources []Source `json:"sources"`
	// Operators are those that keep state.
	Operators []Operator `json:"operators"`
	// Totals are sums over the operators.
	Totals Totals `json:"totals"`
}

// Source is where a partition of a topic stood.
type Source struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	// Offset is the first that was not read.
	Offset int64 `json:"offset"`
	// Watermark is in microseconds; see types.Watermark for what its ends mean.
	Watermark types.Watermark `json:"watermark"`
	// Idle says that the partition was declared idle.
	Idle bool `json:"idle,omitempty"`
}

// Operator is the state of an operator.
type Operator struct {
	Stage string `json:"stage"`
	ID    string `json:"id"`
	// Columns are those of its files.
	Columns []Column `json:"columns"`
	// HashedBy names the columns by which the exchange before it hashes, in its order; null where rows stay in the partition
	// that they come from.
	HashedBy []string `json:"hashedBy"`
	// Partitions are its tasks, in their order.
	Partitions []OperatorPartition `json:"partitions"`
	Totals     Totals              `json:"totals"`
}

// OperatorPartition is what an operator has in one task.
type OperatorPartition struct {
	Partition int32  `json:"partition"`
	Mark      *int64 `json:"mark,omitempty"`
	Files     []File `json:"files"`
}

// Totals count files.
type Totals struct {
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
	Rows  int64 `json:"rows"`
}

func (t *Totals) add(files []File) {
	for i := range files {
		t.Files, t.Bytes, t.Rows = t.Files+1, t.Bytes+files[i].Size, t.Rows+files[i].Rows
	}
}

// Base says what a savepoint is of and why; all is copied to its manifest.
type Base struct {
	Job, ID           string
	Epoch, StateEpoch int64
	Kind              string
	TakenAt           time.Time
	Plan              *physical.Plan
	Sources           []Source
}

// NewManifest makes a manifest of the parts that tasks have written. It is an error of kind Bug when a task of a stage with
// state has none, or several.
func NewManifest(b Base, parts []Part) (*Manifest, error) {
	if err := CheckID(b.ID); err != nil {
		return nil, err
	}
	document, err := physical.Encode(b.Plan)
	if err != nil {
		return nil, err
	}
	m := &Manifest{
		Layout: Layout, Job: b.Job, ID: b.ID, Epoch: b.Epoch, StateEpoch: b.StateEpoch, Kind: b.Kind, TakenAt: b.TakenAt.UTC(),
		Plan: document, PlanHash: b.Plan.Hash, StateHash: b.Plan.StateHash, MaxParallelism: b.Plan.MaxParallelism,
		Sources: slices.Clone(b.Sources), Operators: []Operator{},
	}
	slices.SortFunc(m.Sources, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	if m.Sources == nil {
		m.Sources = []Source{}
	}
	for i := range b.Plan.Stages {
		s := &b.Plan.Stages[i]
		if !s.Stateful {
			continue
		}
		if err := m.addStage(s.Name, b.Plan.MaxParallelism, parts); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// addStage adds the operators of a stage with state, which has a part of each of so many tasks.
func (m *Manifest) addStage(stage string, tasks int, parts []Part) error {
	of := make([]*Part, tasks)
	for i := range parts {
		p := &parts[i]
		switch {
		case p.Stage != stage:
			continue
		case p.Job != m.Job || p.ID != m.ID || int(p.Partition) >= tasks || of[p.Partition] != nil:
			return fault.New(fault.Bug, fault.Place{}, "savepoint %s has a part of %+v that does not belong to it", m.ID, p.Header)
		}
		of[p.Partition] = p
	}
	first := len(m.Operators)
	for partition, p := range of {
		if p == nil {
			return fault.New(fault.Bug, fault.Place{}, "savepoint %s has no part of task %s/%d", m.ID, stage, partition)
		}
		for n := range p.Operators {
			o := &p.Operators[n]
			if partition == 0 {
				m.Operators = append(m.Operators, Operator{Stage: stage, ID: o.ID, Columns: o.Columns, HashedBy: o.HashedBy, Partitions: []OperatorPartition{}})
			}
			if first+n >= len(m.Operators) || m.Operators[first+n].ID != o.ID || !slices.Equal(m.Operators[first+n].Columns, o.Columns) {
				return fault.New(fault.Bug, fault.Place{}, "task %s/%d has written other state than task %s/0", stage, partition, stage)
			}
			into := &m.Operators[first+n]
			into.Partitions = append(into.Partitions, OperatorPartition{Partition: int32(partition), Mark: o.Mark, Files: o.Files})
			into.Totals.add(o.Files)
			m.Totals.add(o.Files)
		}
		if len(p.Operators) != len(m.Operators)-first {
			return fault.New(fault.Bug, fault.Place{}, "task %s/%d has written other state than task %s/0", stage, partition, stage)
		}
	}
	return nil
}

// WriteManifest makes the savepoint one. Where there is a manifest already, because another has done so, that one stays and
// is returned.
func WriteManifest(ctx context.Context, blobs snapshot.Blobs, m *Manifest) (*Manifest, error) {
	switch there, err := ReadManifest(ctx, blobs, m.Job, m.ID); {
	case err == nil:
		return there, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	text, err := seal(m)
	if err != nil {
		return nil, err
	}
	if len(text) > maxManifestBytes {
		return nil, fault.New(fault.Bug, fault.Place{}, "a manifest of %d bytes", len(text))
	}
	name := dir(m.Job, m.ID) + manifestName
	if err := put(ctx, blobs, name, text, checksum(text)); err != nil {
		return nil, err
	}
	back := &Manifest{}
	if err := unseal(name, text, back); err != nil {
		return nil, err
	}
	return back, nil
}

// ReadManifest reads a savepoint's manifest. Where there is none the error is fs.ErrNotExist, of kind User; a damaged one
// is of kind Corrupt.
func ReadManifest(ctx context.Context, blobs snapshot.Blobs, job, id string) (*Manifest, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	name := dir(job, id) + manifestName
	text, err := blobs.Get(ctx, name, maxManifestBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.User, err, "job %s has no savepoint %s", job, id).Do("`millrace savepoint list` shows those there are")
	}
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := unseal(name, text, m); err != nil {
		return nil, err
	}
	if m.Job != job || m.ID != id {
		return nil, corrupt(name, "it is savepoint %s of job %s", m.ID, m.Job)
	}
	for i := range m.Operators {
		for _, p := range m.Operators[i].Partitions {
			for _, f := range p.Files {
				if !isFile(f.Name) || f.Size < 0 || f.Rows < 0 {
					return nil, corrupt(name, "it names a file %q that is none", f.Name)
				}
			}
		}
	}
	return m, nil
}

// Operator returns the state of an operator, or nil.
func (m *Manifest) Operator(id string) *Operator {
	for i := range m.Operators {
		if m.Operators[i].ID == id {
			return &m.Operators[i]
		}
	}
	return nil
}
