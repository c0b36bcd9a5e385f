package postgresstore

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

// Load replaces the task's rows in one transaction. fill is called once: a lost answer is resolved, nothing is sent again.
func (s *store) Load(at state.Position, fill func(put func(key, value []byte) error) error) error {
	if s.closed {
		return errClosed()
	}
	w := remote.Write{Task: s.task, Owner: s.owner, Before: notNull(s.encoded), After: remote.EncodePosition(s.changelog, at)}
	err := s.transact(w, func(ctx context.Context, o *outgoing) error {
		if err := s.deleteAll(ctx, o); err != nil {
			return err
		}
		var last, arena []byte
		s.rows.reset()
		err := fill(func(key, value []byte) error {
			if last != nil && bytes.Compare(key, last) <= 0 {
				return fault.New(fault.Corrupt, fault.Place{}, "keys to restore are not in order: %x after %x", key, last)
			}
			last = append(notNull(last)[:0], key...)
			from, middle := len(arena), len(arena)+len(key)
			arena = append(append(arena, key...), value...)
			s.rows.put(arena[from:middle:middle], arena[middle:])
			if len(arena) < chunkBytes {
				return nil
			}
			arena = nil // what was queued stays as it is
			return s.send(ctx, o)
		})
		if err != nil {
			return err
		}
		return s.send(ctx, o)
	})
	s.rows.reset()
	if p, ok := errors.AsType[remote.Permanent](err); ok {
		return p.Unwrap()
	}
	if fault.KindOf(err) == fault.Transient {
		err = s.settle(w, err)
	}
	if err != nil {
		return err
	}
	s.ahead.Forget()
	s.stand(at, w.After)
	return nil
}

// settle finds out whether a step was made whose answer was lost.
func (s *store) settle(w remote.Write, cause error) error {
	return s.retry(func(ctx context.Context, _ int) error {
		found, err := s.held(ctx)
		if err != nil {
			return err
		}
		done, err := w.Outcome(found)
		switch {
		case err != nil:
			return remote.Forever(err)
		case done:
			return nil
		default:
			return remote.Forever(cause)
		}
	})
}

// frozen is a task's rows as they were: a transaction that keeps its first look at the database.
type frozen struct {
	of *store // its names; they do not change
	at state.Position
	tx pgx.Tx
}

// Freeze copies nothing.
func (s *store) Freeze(int) (state.Frozen, error) {
	if s.closed {
		return nil, errClosed()
	}
	f := &frozen{of: s, at: s.position}
	err := s.retry(func(ctx context.Context, _ int) (err error) {
		if f.tx, err = s.backend.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}); err != nil {
			return s.backend.failed(err, s.task)
		}
		owner := int64(0)
		err = f.tx.QueryRow(ctx, `SELECT owner FROM millrace_task WHERE id = $1`, s.id).Scan(&owner)
		if err == nil || errors.Is(err, pgx.ErrNoRows) {
			err = s.mine(owner)
		} else {
			err = s.backend.failed(err, s.task)
		}
		if err != nil {
			_ = f.tx.Rollback(ctx) // an error is on its way already
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	f.at.Meta = slices.Clone(f.at.Meta)
	return f, nil
}

// Position says which commit it is.
func (f *frozen) Position() state.Position { return f.at }

// Each visits all keys.
func (f *frozen) Each(visit func(key, value []byte) error) error {
	var p page
	from, behind := []byte{}, false
	for limit := firstPage; ; limit = min(4*limit, mostPage, max(1, pageBytes/(p.bytes()/p.len()+1))) {
		p.reset()
		if err := f.ask(&p, from, behind, limit); err != nil {
			return f.of.backend.failed(err, f.of.task)
		}
		if err := p.each(visit); err != nil {
			return err
		}
		if p.len() < limit {
			return nil
		}
		from, behind = append(from[:0], p.last()...), true
	}
}

func (f *frozen) ask(p *page, from []byte, behind bool, limit int) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout) //nolint:forbidigo // state.Frozen has no contexts; bounded
	defer cancel()
	return p.ask(ctx, f.tx, f.of.id, from, nil, behind, limit)
}

// Close ends the transaction.
func (f *frozen) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout) //nolint:forbidigo // state.Frozen has no contexts; bounded
	defer cancel()
	return f.of.backend.failed(f.tx.Rollback(ctx), f.of.task)
}
