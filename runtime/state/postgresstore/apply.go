package postgresstore

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

const (
	// chunkBytes bounds what one statement carries.
	chunkBytes = 1 << 20

	putRows = `INSERT INTO millrace_state (task, key, value) SELECT $1, * FROM unnest($2::bytea[], $3::bytea[])
		ON CONFLICT (task, key) DO UPDATE SET value = excluded.value`
	deleteRows  = `DELETE FROM millrace_state WHERE task = $1 AND key = ANY($2::bytea[])`
	deleteRange = `DELETE FROM millrace_state WHERE task = $1 AND key >= $2 AND key < $3`
	deleteRest  = `DELETE FROM millrace_state WHERE task = $1 AND key >= $2`
	move        = `UPDATE millrace_task SET position = $1 WHERE id = $2 AND owner = $3 AND position = $4`
)

// Apply writes changes and position in one transaction.
func (s *store) Apply(changes *state.Changes, at state.Position) error {
	if s.closed {
		return errClosed()
	}
	w := remote.Write{After: remote.EncodePosition(s.changelog, at)}
	err := s.change(w, func(ctx context.Context, o *outgoing) error {
		s.rows.reset()
		err := changes.Each(func(kind state.OpKind, key, value []byte) error {
			switch kind {
			case state.OpPut:
				s.rows.put(key, value)
			case state.OpDelete:
				s.rows.delete(key)
			case state.OpDeleteRange:
				if err := s.send(ctx, o); err != nil {
					return err
				}
				if len(value) == 0 {
					return o.queue(ctx, len(key), deleteRest, s.id, notNull(key))
				}
				return o.queue(ctx, len(key)+len(value), deleteRange, s.id, notNull(key), value)
			default:
				return fault.New(fault.Bug, fault.Place{}, "unknown kind of write %d", kind)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return s.send(ctx, o)
	})
	s.rows.reset()
	if err != nil {
		return err
	}
	s.ahead.Apply(changes)
	s.stand(at, w.After)
	return nil
}

func (s *store) stand(at state.Position, encoded []byte) {
	at.Meta = slices.Clone(at.Meta)
	s.position, s.encoded = at, encoded
}

// send queues the rows that were collected.
func (s *store) send(ctx context.Context, o *outgoing) error {
	s.rows.sort()
	for from := 0; from < len(s.rows.list); {
		from = s.rows.take(from, chunkBytes)
		if len(s.rows.gone) > 0 {
			if err := o.queue(ctx, chunkBytes, deleteRows, s.id, slices.Clone(s.rows.gone)); err != nil {
				return err
			}
		}
		if len(s.rows.keys) > 0 {
			if err := o.queue(ctx, chunkBytes, putRows, s.id, slices.Clone(s.rows.keys), slices.Clone(s.rows.values)); err != nil {
				return err
			}
		}
	}
	s.rows.reset()
	return nil
}

// deleteAll is a change that leaves nothing.
func (s *store) deleteAll(ctx context.Context, o *outgoing) error {
	return o.queue(ctx, 0, deleteRest, s.id, []byte{})
}

// change makes a step of the task in one transaction. It is done once, also when an answer is lost: the next try is
// refused then, and finds out why. fill may be called again.
func (s *store) change(w remote.Write, fill func(ctx context.Context, o *outgoing) error) error {
	w.Task, w.Owner, w.Before = s.task, s.owner, notNull(s.encoded)
	return s.retry(func(_ context.Context, _ int) error {
		return s.transact(w, fill) //nolint:contextcheck // see there
	})
}

// transact tries once. Its context is not the retry's: a load takes as long as it takes, each answer is waited for by itself.
func (s *store) transact(w remote.Write, fill func(ctx context.Context, o *outgoing) error) error {
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // state.Store has no contexts; each answer is bounded
	defer cancel()
	o, err := s.backend.begin(ctx)
	if err != nil {
		return s.backend.failed(err, s.task)
	}
	o.moving(move, w.After, s.id, w.Owner, w.Before)
	err = fill(ctx, o)
	if err == nil {
		err = o.commit(ctx)
	} else {
		o.rollback(ctx)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNotMoved):
		return s.refusal(ctx, w)
	case fault.KindOf(err) != fault.Unknown:
		return remote.Forever(err) // the filler's own
	default:
		return s.backend.failed(err, s.task)
	}
}

// refusal says why a step was not made; nil where it had been made before.
func (s *store) refusal(ctx context.Context, w remote.Write) error {
	found, err := s.held(ctx)
	if err != nil {
		return err
	}
	if done, err := w.Outcome(found); err != nil {
		return remote.Forever(err)
	} else if done {
		return nil
	}
	return fault.New(fault.Bug, fault.Place{}, "a write of task %s was refused without a reason", s.task)
}

// held asks what the server has of the task.
func (s *store) held(ctx context.Context) (found remote.Held, err error) {
	err = s.backend.pool.QueryRow(ctx, `SELECT owner, position FROM millrace_task WHERE id = $1`, s.id).Scan(&found.Owner, &found.Position)
	if errors.Is(err, pgx.ErrNoRows) {
		return remote.Held{}, nil
	}
	return found, s.backend.failed(err, s.task)
}
