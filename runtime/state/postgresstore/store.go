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

// store is one task's rows.
type store struct {
	backend   *Backend
	task      string
	id, owner int64
	changelog string
	position  state.Position
	encoded   []byte // the position as the server has it
	closed    bool
	ahead     remote.Ahead

	value []byte // scratch
	rows  rows
}

// claim makes us the task's owner.
func (s *store) claim() error {
	o := &s.backend.options
	err := s.retry(func(ctx context.Context, _ int) error {
		row := s.backend.pool.QueryRow(ctx, `
			INSERT INTO millrace_task AS t (job, state_epoch, task, owner, position) VALUES ($1, $2, $3, 1, '')
			ON CONFLICT (job, state_epoch, task) DO UPDATE SET owner = t.owner + 1
			RETURNING id, owner, position`, o.Job, o.StateEpoch, s.task)
		return s.backend.failed(row.Scan(&s.id, &s.owner, &s.encoded), s.task)
	})
	if err != nil {
		return err
	}
	s.changelog, s.position, err = remote.DecodePosition(s.encoded)
	return err
}

// Root empties the store if it followed another changelog.
func (s *store) Root(changelog string) error {
	if s.closed {
		return errClosed()
	}
	if len(s.encoded) == 0 || s.changelog == changelog {
		s.changelog = changelog
		return nil
	}
	if err := s.change(remote.Write{After: []byte{}}, s.deleteAll); err != nil {
		return err
	}
	s.changelog, s.position, s.encoded = changelog, state.Position{}, nil
	s.ahead.Forget()
	return nil
}

// Bucket says that keys are looked up one by one: their neighbours come along.
func (s *store) Bucket(prefix []byte, length int) error {
	s.ahead.Bucket(prefix, length)
	return nil
}

// Get returns the value of a key.
func (s *store) Get(key []byte) (value []byte, found bool, err error) {
	if s.closed {
		return nil, false, errClosed()
	}
	if value, found, known, err := s.ahead.Get(key, s.some); known || err != nil {
		return value, found, err
	}
	err = s.retry(func(ctx context.Context, _ int) error {
		var owner int64
		row := s.backend.pool.QueryRow(ctx, `
			SELECT t.owner, s.value FROM millrace_task t LEFT JOIN millrace_state s ON s.task = t.id AND s.key = $2 WHERE t.id = $1`,
			s.id, notNull(key))
		err := row.Scan(&owner, &s.value)
		if err == nil || errors.Is(err, pgx.ErrNoRows) {
			return s.mine(owner)
		}
		return s.backend.failed(err, s.task)
	})
	if err != nil || s.value == nil {
		return nil, false, err
	}
	return s.value, true, nil
}

// mine is permanent where we are not the owner.
func (s *store) mine(owner int64) error {
	if owner == s.owner {
		return nil
	}
	return remote.Forever(remote.Stranger(s.task, s.owner, owner))
}

const (
	firstPage = 16
	mostPage  = 4096
	pageBytes = 1 << 20
)

// Scan visits the keys in [lower, upper), in pages that grow up to about a mebibyte.
func (s *store) Scan(lower, upper []byte, visit func(key, value []byte) error) error {
	if s.closed {
		return errClosed()
	}
	var p page
	from, behind := notNull(slices.Clone(lower)), false
	for limit := firstPage; ; {
		if err := s.read(&p, from, upper, behind, limit); err != nil {
			return err
		}
		if err := p.each(visit); err != nil {
			return err
		}
		if p.len() < limit {
			return nil
		}
		from, behind = append(from[:0], p.last()...), true
		limit = min(4*limit, mostPage, max(1, pageBytes/(p.bytes()/p.len()+1)))
	}
}

// read fills a page. We were the owner when it was read: that is looked at behind it, in the same round trip, and an owner
// never comes back.
func (s *store) read(p *page, from, upper []byte, behind bool, limit int) error {
	return s.retry(func(ctx context.Context, _ int) error {
		p.reset()
		b := &pgx.Batch{}
		p.queue(b, s.id, from, upper, behind, limit)
		owner := int64(0)
		b.Queue(`SELECT owner FROM millrace_task WHERE id = $1`, s.id).QueryRow(func(row pgx.Row) error { return row.Scan(&owner) })
		err := s.backend.pool.SendBatch(ctx, b).Close()
		if err == nil || errors.Is(err, pgx.ErrNoRows) {
			return s.mine(owner)
		}
		return s.backend.failed(err, s.task)
	})
}

// some reads a few keys at once.
func (s *store) some(lower, upper []byte, limit int, visit func(key, value []byte)) error {
	var p page
	if err := s.read(&p, notNull(lower), upper, false, limit); err != nil {
		return err
	}
	return p.each(func(key, value []byte) error {
		visit(key, value)
		return nil
	})
}

// Position returns what the last Apply said.
func (s *store) Position() state.Position { return s.position }

// Close releases the task; its data stay.
func (s *store) Close() error {
	s.closed = true
	s.backend.opened.Give(s.task)
	return nil
}

// retry tries until patience is over.
func (s *store) retry(do func(ctx context.Context, again int) error) error {
	return remote.Retry(s.backend.options.Server.Patience, do)
}

// notNull is b for a column that takes no NULL, which a nil slice would be.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func errClosed() error { return fault.New(fault.Bug, fault.Place{}, "a closed state store is used") }
