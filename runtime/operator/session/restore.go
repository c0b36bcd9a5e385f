package session

import (
	"slices"

	"github.com/millrace/millrace/runtime/batch"
)

// restoreKeys are read at a time, before the memory is looked at.
const restoreKeys = 1 << 14

// stopError ends a scan that has found what it looked for.
type stopError string

func (e stopError) Error() string { return string(e) }

const errEnough = stopError("enough")

// restore reads the sessions in the view, but for those that had been put out.
func (s *Session) restore() error {
	lower := []byte{recordSpace}
	for lower != nil {
		n := 0
		var next []byte
		err := s.view.Scan(lower, []byte{recordSpace + 1}, func(name, record []byte) error {
			if n++; n > restoreKeys {
				next = slices.Clone(name)
				return errEnough
			}
			return s.restoreKey(name[1:], record)
		})
		if next == nil && err != nil {
			return err
		}
		if lower = next; lower == nil {
			return nil
		}
		if err := s.shrink(); err != nil {
			return err
		}
	}
	return nil
}

// restoreKey reads the record of a key.
func (s *Session) restoreKey(key, record []byte) error {
	flags, sessions, err := openRecord(record)
	if err != nil {
		return err
	}
	if flags&flagTimer == 0 {
		_, err := s.insert(key, sessions)
		return err
	}
	hash, _, _ := s.hashOf(key)
	for len(sessions) > 0 {
		if _, sessions, err = cutSession(sessions); err != nil {
			return err
		}
		s.spill.add(hash)
	}
	return nil
}

// insert puts the sessions of a stored key, of which it has none yet, into the table, and returns the newest.
func (s *Session) insert(key, sessions []byte) (newest uint32, err error) {
	t := &s.table
	if !t.reserve(1) {
		return 0, corrupt("too many sessions")
	}
	hash, word, null := s.hashOf(key)
	slot, _ := t.findInt(hash, 0, tagUsed) // which no key is: the next empty slot
	if s.intKey < 0 {
		word = t.Keep(key)
	}
	var before uint32
	for len(sessions) > 0 {
		var stored []byte
		if stored, sessions, err = cutSession(sessions); err != nil {
			return 0, err
		}
		at := t.alloc()
		t.Words[at+keyWord] = word
		t.Words[at+tagWord] = hash>>hashShift<<hashShift | null | tagUsed
		if err := readSession(s.set, stored, &s.table.Memory, at); err != nil {
			return 0, err
		}
		if before == 0 {
			newest = at
			t.point(slot, at)
		} else {
			t.setNext(before, at)
		}
		before = at
		s.timers.add(s.end(at), at)
	}
	if newest == 0 {
		return 0, corrupt("a key without sessions")
	}
	t.Words[newest+tagWord] |= tagStored
	return newest, nil
}

// recall reads back the sessions of row n's key, if they have been put out.
func (s *Session) recall(n int, b *batch.Batch) error {
	s.key = append(s.key[:0], recordSpace)
	s.key = batch.AppendKey(s.key, b.Columns, s.config.Keys, int(s.run.Index[n]))
	record, ok, err := s.view.Get(s.key)
	if err != nil || !ok {
		return err
	}
	flags, sessions, err := openRecord(record)
	if err != nil {
		return err
	}
	if flags&flagTimer == 0 {
		return corrupt("a key that should be in memory")
	}
	newest, err := s.insert(s.key[1:], sessions)
	if err != nil {
		return err
	}
	s.table.mark(newest) // its record has a flag that is not true any more
	for at := newest; at != 0; at = s.table.next(at) {
		s.key = s.appendTimer(s.key[:0], at)
		if err := s.view.Delete(s.key); err != nil {
			return err
		}
		s.spill.sessions--
	}
	return nil
}
