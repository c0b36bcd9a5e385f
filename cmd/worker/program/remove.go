package program

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"

	"github.com/millrace/millrace/runtime/savepoint"
)

// checkRemoval looks at the flags of a worker that deletes a savepoint and does nothing else.
func (s *settings) checkRemoval() error {
	for _, required := range []struct{ name, value string }{{"prefix", s.prefix}, {"savepoints", s.savepoints}} {
		if required.value == "" {
			return usage("--delete-savepoint needs --%s", required.name)
		}
	}
	return savepoint.CheckID(s.deleteSavepoint)
}

// remove deletes a savepoint: the operator has no credentials of the store, and starts a worker for it that has. What is not there is gone
// already.
func (s *settings) remove(ctx context.Context, log *slog.Logger) error {
	store, err := s.blobStore(ctx, s.savepoints)
	if err != nil {
		return err
	}
	deleted, err := savepoint.Delete(ctx, store, s.prefix, s.deleteSavepoint)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if e := store.Close(); err == nil {
		err = e
	}
	if err == nil {
		log.Info("the savepoint is deleted", "job", s.prefix, "id", s.deleteSavepoint, "files", deleted)
	}
	return err
}
