package pebblestore

import (
	"log/slog"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/millrace/millrace/runtime/fault"
)

// damage is what Pebble has found to differ from what was written: a checksum of a block, an order of keys. It finds that when the block
// is read, by whoever asks or by a compaction. It is safe for concurrent use.
type damage struct {
	log   *slog.Logger
	first atomic.Pointer[string]
}

// data is told by Pebble, in the midst of a read.
func (d *damage) data(info pebble.DataCorruptionInfo) {
	cause := info.Path + ": " + info.Details.Error()
	if d.first.CompareAndSwap(nil, &cause) {
		d.log.Error("a file of the local state is damaged", "file", info.Path, "cause", info.Details.Error())
	}
}

// found says what was found first; empty is nothing.
func (d *damage) found() string {
	if cause := d.first.Load(); cause != nil {
		return *cause
	}
	return ""
}

// forget is for files that are gone.
func (d *damage) forget() { d.first.Store(nil) }

// check returns a Corrupt error once something was found: a store whose compaction fails would go on until its disk is full.
func (d *damage) check(task string) error {
	cause := d.found()
	if cause == "" {
		return nil
	}
	return fault.New(fault.Corrupt, fault.Place{}, "the local state, that of task %s among it, is damaged: %s", task, cause).
		Do("start the worker again: it restores its tasks from snapshots or changelogs. If this comes again, look after the disk")
}
