package pebblestore

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

const (
	// loadFolder, below the database's, holds what is about to be ingested. Pebble passes over a folder of such a name, and
	// Open removes what a crash has left of it.
	loadFolder = "load"
	// loadFileBytes is where the next table begins.
	loadFileBytes = 64 << 20
)

// loader writes sorted keys into tables.
type loader struct {
	of    *store
	dir   string
	table *sstable.Writer
	bytes int      // of keys and values in table
	paths []string // of all tables
	last  []byte   // the last key, prefix included
	key   []byte   // scratch
}

// Load writes the keys into sorted tables and lets the database take them in, in place of all that it had of the task:
// tables, position and the removal of what was there are one change. It costs a table's writing, not a write a key.
func (s *store) Load(at state.Position, fill func(put func(key, value []byte) error) error) error {
	if s.closed {
		return errClosed()
	}
	if err := s.Rest(); err != nil {
		return err
	}
	fs := s.backend.files
	l := &loader{of: s, dir: fs.PathJoin(s.backend.dir, loadFolder, fmt.Sprintf("%x", s.task))}
	if err := fs.MkdirAll(l.dir, 0o755); err != nil {
		return s.failed(err, "make a folder to restore")
	}
	err := fill(l.put)
	if err == nil {
		err = l.position(at)
	}
	if e := l.finish(); err == nil {
		err = e
	}
	if err == nil {
		span := pebble.KeyRange{Start: s.prefix, End: s.upper}
		_, err = s.backend.db.IngestAndExcise(context.Background(), l.paths, nil, nil, span) //nolint:forbidigo // it waits for the disk alone
	}
	if e := fs.RemoveAll(l.dir); err == nil {
		err = e
	}
	if err != nil {
		return s.failed(err, "restore")
	}
	at.Meta = slices.Clone(at.Meta)
	s.position = at
	return nil
}

func (l *loader) put(key, value []byte) error {
	l.key = l.of.full(l.key, key)
	if l.last != nil && bytes.Compare(l.key, l.last) <= 0 {
		return fault.New(fault.Corrupt, fault.Place{}, "keys to restore are not in order: %x after %x", l.key, l.last)
	}
	if l.bytes >= loadFileBytes {
		if err := l.finish(); err != nil {
			return err
		}
	}
	if l.table == nil {
		if err := l.begin(); err != nil {
			return err
		}
	}
	l.last = append(l.last[:0], l.key...)
	l.bytes += len(l.key) + len(value)
	return l.table.Set(l.key, value)
}

// position writes a table with the position alone: it lies outside of the task's keys.
func (l *loader) position(at state.Position) error {
	if err := l.finish(); err != nil {
		return err
	}
	if err := l.begin(); err != nil {
		return err
	}
	return l.table.Set(l.of.positionKey, appendPosition(nil, at))
}

func (l *loader) begin() error {
	b := l.of.backend
	path := b.files.PathJoin(l.dir, fmt.Sprintf("%06d.sst", len(l.paths)))
	file, err := b.files.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	format := b.db.TableFormat()
	l.table = sstable.NewWriter(objstorageprovider.NewFileWritable(file), b.options.MakeWriterOptions(0, format))
	l.paths = append(l.paths, path)
	return nil
}

func (l *loader) finish() error {
	if l.table == nil {
		return nil
	}
	err := l.table.Close()
	l.table, l.bytes = nil, 0
	return err
}
