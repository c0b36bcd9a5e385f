package redisstore

import (
	"bytes"
	"context"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

// Load puts the keys into a set beside the task's, which then takes its place.
func (s *store) Load(at state.Position, fill func(put func(key, value []byte) error) error) error {
	if s.closed {
		return errClosed()
	}
	var last []byte
	s.packed = s.packed[:0]
	members, first := 0, true
	err := fill(func(key, value []byte) error {
		if members > 0 && bytes.Compare(key, last) <= 0 {
			return fault.New(fault.Corrupt, fault.Place{}, "keys to restore are not in order: %x after %x", key, last)
		}
		last = append(last[:0], key...)
		s.name = appendStem(s.name[:0], key)
		s.packed = appendPacked(s.packed, packedPut, s.name, value)
		if members++; len(s.packed) < chunkBytes {
			return nil
		}
		err := s.stage(first)
		first = false
		return err
	})
	if err == nil {
		err = s.stage(first)
	}
	if err != nil {
		return err
	}
	w := remote.Write{Task: s.task, Owner: s.owner, Before: s.encoded, After: remote.EncodePosition(s.changelog, at)}
	err = s.retry(func(ctx context.Context, _ int) error {
		found, done, err := s.call(ctx, s.backend.client, s.backend.scripts.swap, []string{s.key}, w.Owner, w.Before, w.After, members)
		if err != nil || done {
			return err
		}
		if done, err = w.Outcome(found); err == nil && !done {
			err = remote.Lost(s.task) // what was staged
		}
		if err != nil {
			return remote.Forever(err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.ahead.Forget()
	s.stand(at, w.After)
	return nil
}

// stage sends the packed keys beside the task. To send them twice does no harm.
func (s *store) stage(first bool) error {
	err := s.retry(func(ctx context.Context, _ int) error {
		found, done, err := s.call(ctx, s.backend.client, s.backend.scripts.stage, []string{s.key}, s.owner, flag(first), s.packed)
		if err == nil && !done {
			return remote.Forever(remote.Stranger(s.task, s.owner, found.Owner))
		}
		return err
	})
	s.packed = s.packed[:0]
	return err
}

// Freeze copies the content.
func (s *store) Freeze(maxCopyBytes int) (state.Frozen, error) {
	c := state.NewCopy(s.position)
	err := s.Scan(nil, nil, func(key, value []byte) error {
		if c.Bytes()+len(key)+len(value) > maxCopyBytes {
			return fault.New(fault.User, fault.Place{}, "the state of a task in Redis is more than %d bytes, the most that is copied for a snapshot", maxCopyBytes).
				Do("keep state in pebble or postgres, or raise maxParallelism so that tasks are smaller")
		}
		c.Add(key, value)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}
