package savepoint

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
)

// Delete deletes a savepoint, its manifest first: so one that has a manifest is whole. What a deletion that was cut off has left, or
// a savepoint that never came to a manifest, is deleted as well. It returns how many blobs there were; none is an error that is
// fs.ErrNotExist.
func Delete(ctx context.Context, blobs snapshot.Blobs, job, id string) (deleted int, err error) {
	if err := CheckID(id); err != nil {
		return 0, err
	}
	var names []string
	manifest := dir(job, id) + manifestName
	err = blobs.List(ctx, dir(job, id), func(o snapshot.Object) error {
		if o.Name == manifest {
			names = append([]string{manifest}, names...)
		} else {
			names = append(names, o.Name)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if len(names) == 0 {
		err := fmt.Errorf("nothing is below %s: %w", dir(job, id), fs.ErrNotExist)
		return 0, fault.Wrap(fault.User, err, "job %s has no savepoint %s", job, id).Do("`millrace savepoint list` shows those there are")
	}
	for _, name := range names {
		if err := blobs.Delete(ctx, name); err != nil {
			return deleted, err
		}
		deleted++
	}
	return deleted, nil
}
