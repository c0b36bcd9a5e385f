package main

import (
	"context"
	"log/slog"

	"github.com/millrace/millrace/runtime/snapshot/blobstore"
	"github.com/millrace/millrace/runtime/worker"
)

// copies opens the store of snapshots, if there is one. closeStore ends it, and may be called either way.
func (s *settings) copies(ctx context.Context) (copies worker.Snapshots, closeStore func(log *slog.Logger), err error) {
	closeStore = func(*slog.Logger) {}
	if s.snapshots == "" {
		return copies, closeStore, nil
	}
	// The store serves longer than ctx, which ends before the last commit.
	store, err := blobstore.Open(context.WithoutCancel(ctx), s.snapshots)
	if err != nil {
		return copies, closeStore, err
	}
	closeStore = func(log *slog.Logger) {
		if err := store.Close(); err != nil {
			log.Warn("the store of snapshots was not closed", "cause", err)
		}
	}
	return worker.Snapshots{Blobs: store, Interval: s.snapshotInterval, LeastChangedBytes: s.snapshotLeastBytes}, closeStore, nil
}
