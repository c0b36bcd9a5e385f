package savepoint

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/compat"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/snapshot"
)

// ImportConfig says which task takes what from a savepoint.
type ImportConfig struct {
	Blobs    snapshot.Blobs
	Files    Files
	Manifest *Manifest
	// Plan is the one that starts, Codecs those of the operators of the task's stage in it.
	Plan   *physical.Plan
	Codecs []operator.NamedCodec
	// Partition is the task's, of so many.
	Partition  int32
	Partitions int
	// DropRemoved says that the state of operators which the plan has no more is of no interest.
	DropRemoved bool
}

// Import is the state of one task on its way from a savepoint, a step at a time. What it puts does not depend on what is there, and is put
// once under a key: after a crash, begin anew with a new Import. One goroutine uses it.
type Import struct {
	config ImportConfig
	work   []taking
	// The one at hand.
	mapped *mapping
	reader RowReader
	read   batch.Batch
	row    int // of rows.Length that were taken
	rows   *batch.Batch
	place  int64 // of the batch's first row in the file
	next   int   // file
	put    putting
	record operator.Put // put\'s, made once
	total  int64
	rowsIn int64
}

// taking is an operator and the files that may have rows for the task.
type taking struct {
	codec   operator.NamedCodec
	from    *Operator
	files   []File
	records operator.StateImport
	hash    *exchange.Partitioner // nil where all rows are the task's
}

// NewImport looks what there is for a task. A plan that can't start from the savepoint is an error; see Check.
func NewImport(c ImportConfig) (*Import, error) {
	verdicts, err := Compare(c.Manifest, c.Plan)
	if err != nil {
		return nil, err
	}
	if err := compat.Refuse(verdicts, c.DropRemoved); err != nil {
		return nil, err
	}
	i := &Import{config: c}
	i.record = i.put.record
	for _, codec := range c.Codecs {
		at := slices.IndexFunc(verdicts, func(v compat.Verdict) bool { return v.Operator == codec.ID })
		if at < 0 {
			return nil, fault.New(fault.Bug, fault.Place{}, "the plan has no operator %s", codec.ID)
		}
		if verdicts[at].From == "" {
			continue
		}
		from := c.Manifest.Operator(verdicts[at].From)
		if from == nil {
			return nil, fault.New(fault.Corrupt, fault.Place{}, "savepoint %s has no state of %s", c.Manifest.ID, verdicts[at].From)
		}
		t := i.take(codec, from)
		for _, f := range t.files {
			i.total += f.Rows
		}
		i.work = append(i.work, t)
	}
	return i, nil
}

// take chooses the files of an operator.
func (i *Import) take(codec operator.NamedCodec, from *Operator) taking {
	t := taking{codec: codec, from: from}
	// where both hash alike into the same number of partitions, all rows of a partition stay in it
	hashed := hashedBy(codec)
	stays := hashed == nil || i.config.Manifest.MaxParallelism == i.config.Partitions && slices.Equal(hashed, from.HashedBy)
	var marks []int64
	for _, p := range from.Partitions {
		if stays && p.Partition != i.config.Partition {
			continue
		}
		t.files = append(t.files, p.Files...)
		if p.Mark != nil {
			marks = append(marks, *p.Mark)
		}
	}
	if !stays {
		t.hash = exchange.NewPartitioner(codec.Keys(), i.config.Partitions)
	}
	t.records = codec.Import(marks)
	return t
}

// Progress returns how many rows were read, of how many. Those of other tasks count.
func (i *Import) Progress() (read, total int64) { return i.rowsIn, i.total }

// putting puts the records of an operator, and counts.
type putting struct {
	put    operator.Put
	prefix int
	key    []byte
	bytes  int
}

func (p *putting) record(key, value []byte) error {
	p.key = append(p.key[:p.prefix], key...)
	p.bytes += len(p.key) + len(value)
	return p.put(p.key, value)
}

// Next puts records, keys with their operator's prefix, until they have maxBytes or more, and says whether these were the
// last. What is put must be copied. After an error the import is of no use.
func (i *Import) Next(ctx context.Context, maxBytes int, put operator.Put) (done bool, err error) {
	i.put.put, i.put.bytes = put, 0
	for len(i.work) > 0 {
		t := &i.work[0]
		i.put.key = append(append(i.put.key[:0], t.codec.ID...), 0)
		i.put.prefix = len(i.put.key)
		more, err := i.step(ctx, t, maxBytes)
		if err != nil {
			return false, err
		}
		if more {
			return false, nil
		}
		if err := t.records.Finish(i.record); err != nil {
			return false, err
		}
		i.work, i.next, i.mapped = i.work[1:], 0, nil
	}
	return true, nil
}

// step takes rows of an operator; more says that there are others, and the bound was reached.
func (i *Import) step(ctx context.Context, t *taking, maxBytes int) (more bool, err error) {
	if i.mapped == nil {
		if i.mapped, err = newMapping(t.from.Columns, columnsOf(t.codec.Columns())); err != nil {
			return false, err
		}
	}
	for {
		if i.rows == nil || i.row == i.rows.Length {
			switch err := i.fill(ctx, t); {
			case errors.Is(err, io.EOF):
				return false, nil
			case err != nil:
				return false, err
			}
		}
		for ; i.row < i.rows.Length; i.row++ {
			if i.put.bytes >= maxBytes {
				return true, nil
			}
			if t.hash != nil && t.hash.Partition(i.rows, i.row) != i.config.Partition {
				continue
			}
			if err := t.records.Record(i.rows, i.row, i.record); err != nil {
				return false, i.at(err)
			}
		}
	}
}

// at gives an error about the row at hand its place, if it has none.
func (i *Import) at(err error) error {
	var f *fault.Error
	if _, placed := fault.PlaceOf(err); !placed && errors.As(err, &f) && f.Kind == fault.Corrupt {
		return f.At(i.reader.Place(i.place + int64(i.row)))
	}
	return err
}

// fill reads the next rows of an operator; io.EOF when there are no more.
func (i *Import) fill(ctx context.Context, t *taking) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if i.reader == nil {
			if i.next == len(t.files) {
				i.rows = nil
				return io.EOF
			}
			var err error
			if i.reader, err = openFile(ctx, i.config.Blobs, i.config.Files, i.config.Manifest, t.from, t.files[i.next]); err != nil {
				return err
			}
			i.next, i.place, i.row, i.rows = i.next+1, 0, 0, nil
		}
		if i.rows != nil {
			i.place += int64(i.read.Length)
		}
		i.read.Reset(kindsOf(t.from.Columns))
		err := i.reader.Next(&i.read)
		if errors.Is(err, io.EOF) {
			err := i.reader.Close()
			i.reader, i.rows = nil, nil
			if err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		i.rowsIn += int64(i.read.Length)
		i.row = 0
		i.rows, err = i.mapped.apply(&i.read)
		if err != nil {
			return i.at(err)
		}
		return nil
	}
}
