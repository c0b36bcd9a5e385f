package savepoint

import (
	"context"
	"errors"
	"io"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
)

// maxErrors bounds what Verify tells.
const maxErrors = 100

// Verify reads every file of a savepoint, compares its checksum and counts its rows. Each damaged file is an error of kind Corrupt
// that names it; they come joined, the first hundred. done, which may be nil, is told of each file that was read.
func Verify(ctx context.Context, blobs snapshot.Blobs, files Files, m *Manifest, done func(f File)) error {
	var found []error
	for i := range m.Operators {
		o := &m.Operators[i]
		for _, p := range o.Partitions {
			for _, f := range p.Files {
				err := verify(ctx, blobs, files, m, o, f)
				if err != nil && fault.KindOf(err) != fault.Corrupt {
					return err
				}
				if err != nil {
					if found = append(found, err); len(found) == maxErrors {
						return errors.Join(found...)
					}
				}
				if done != nil {
					done(f)
				}
			}
		}
	}
	return errors.Join(found...)
}

func verify(ctx context.Context, blobs snapshot.Blobs, files Files, m *Manifest, o *Operator, f File) error {
	r, err := openFile(ctx, blobs, files, m, o, f)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // nothing is behind it but memory
	var b batch.Batch
	rows := int64(0)
	for {
		b.Reset(kindsOf(o.Columns))
		if err := r.Next(&b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		rows += int64(b.Length)
	}
	if rows != f.Rows {
		return corrupt(dir(m.Job, m.ID)+f.Name, "it has %d rows, the manifest says %d", rows, f.Rows)
	}
	return nil
}

// openFile fetches a file and looks at what it is.
func openFile(ctx context.Context, blobs snapshot.Blobs, files Files, m *Manifest, o *Operator, f File) (RowReader, error) {
	name := dir(m.Job, m.ID) + f.Name
	blob, err := fetch(ctx, blobs, name, f)
	if err != nil {
		return nil, err
	}
	return files.Open(name, blob, o.Columns)
}
