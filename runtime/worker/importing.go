package worker

import (
	"context"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

const (
	// importedAtOnce is how many tasks take their state over from a savepoint at the same time, and importBytes what each of them
	// has in memory of it, twice.
	importedAtOnce = 4
	importBytes    = 4 << 20
	// importRetry is the pause after a store of savepoints has failed to answer.
	importRetry = time.Second
)

// importing is the state of a task on its way from a savepoint: a goroutine reads, the loop hands it to the task.
type importing struct {
	cancel context.CancelFunc
	pieces chan piece // closed after the last
	done   chan struct{}
}

// piece is some records, or why there are no more.
type piece struct {
	records *state.Changes
	err     error
}

// takeOverState moves the tasks on that begin from a savepoint. The caller has the turn.
func (s *session) takeOverState(ctx context.Context, now time.Time) error {
	running := 0
	for _, t := range s.tasks {
		if t.importing != nil {
			running++
		}
	}
	for _, t := range s.tasks {
		if !t.Importing() {
			continue
		}
		if t.importing == nil && !t.imported && running < importedAtOnce && !now.Before(t.importAt) {
			s.beginImport(ctx, t)
			running++
		}
		if t.importing != nil {
			if err := s.takePiece(t, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) beginImport(ctx context.Context, t *running) {
	ctx, cancel := context.WithCancel(ctx)
	i := &importing{cancel: cancel, pieces: make(chan piece, 1), done: make(chan struct{})}
	t.importing = i
	importer := s.importer(ctx, t)
	go func() {
		defer close(i.done)
		defer close(i.pieces)
		read, err := importer()
		for over := false; !over; {
			p := piece{records: &state.Changes{}, err: err}
			if err == nil {
				over, p.err = read(importBytes, p.records.Put)
			}
			select {
			case i.pieces <- p:
			case <-ctx.Done():
				return
			}
			if p.err != nil {
				return
			}
		}
	}()
	s.log.Info("the state is taken over from a savepoint", "task", t.ID(), "savepoint", t.Meta().Restored)
}

// takePiece hands the task what has come. Much of it is in the open commit already when that is heavy: then the rest waits.
func (s *session) takePiece(t *running, now time.Time) error {
	if s.heavy() {
		return nil
	}
	select {
	case p, more := <-t.importing.pieces:
		switch {
		case !more:
			s.stopImport(t)
			t.imported = true
			return t.EndImport()
		case p.err != nil && recoverable(p.err):
			s.log.Warn("the savepoint is not read; the task tries again", "task", t.ID(), "cause", p.err)
			s.stopImport(t)
			t.importAt = now.Add(importRetry)
			return nil
		case p.err != nil:
			return fault.Wrap(fault.KindOf(p.err), p.err, "take over the state of %s from the savepoint %s", t.ID(), t.Meta().Restored)
		}
		return p.records.Each(func(_ state.OpKind, key, value []byte) error { return t.Import(key, value) })
	default:
		return nil
	}
}

// stopImport ends the reading, if there is any. What the task has of it is with it.
func (s *session) stopImport(t *running) {
	if t.importing == nil {
		return
	}
	t.importing.cancel()
	for range t.importing.pieces {
		continue // nobody takes them
	}
	<-t.importing.done
	t.importing = nil
}
