package task

import (
	"bytes"
	"errors"

	"github.com/millrace/millrace/runtime/state"
)

// scanner is the state as of some commit.
type scanner interface {
	Scan(lower, upper []byte, visit func(key, value []byte) error) error
}

// stopError ends a scan that has seen enough.
type stopError string

func (e stopError) Error() string { return string(e) }

const errEnough = stopError("enough")

// rewrite emits the part of a lap that is due with the sealed commit, behind its changes, and returns the number of records.
// What it comes to is part of the commit: a rollback takes it back.
func (t *Task) rewrite(changes *state.Changes) (records int, err error) {
	t.sealedLap = t.committedLap
	t.sealed.Lap = t.committed.Lap
	part := t.sealedLap.next(t.cfg.Laps, int64(changes.Bytes()), t.logged)
	if part == 0 {
		return 0, nil
	}
	t.part.Reset()
	size := int64(0)
	var cursor []byte
	var from scanner = t.view
	if stale := t.cfg.Plants.lapFrom(t.store); stale != nil {
		from = stale
	}
	err = from.Scan(t.sealedLap.cursor, nil, func(key, value []byte) error {
		if size >= part {
			cursor = bytes.Clone(key)
			return errEnough
		}
		size += int64(len(key) + len(value))
		if err := t.part.Put(key, value); err != nil || t.part.Bytes() < maxChangelogBytes {
			return err
		}
		n, err := t.emitChanges(&t.part) // a part may be many times as large as a commit
		records += n
		t.part.Reset()
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		return records, err
	}
	n, err := t.emitChanges(&t.part)
	if records += n; err != nil {
		return records, err
	}
	if begin, complete := t.sealedLap.passed(size, cursor); complete {
		t.sealed.Lap = begin
	}
	return records, nil
}
