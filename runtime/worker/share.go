package worker

import (
	"context"
	"errors"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// sharesAtOnce is how many tasks of a worker write their shares of a savepoint at the same time.
const sharesAtOnce = 2

// share is a task's part of a savepoint that is being written, by a goroutine of its own.
type share struct {
	cut    int64
	cancel context.CancelFunc
	done   chan struct{} // closed when the rest is set
	digest string
	err    error
}

// writeShare begins to write a task's share of the savepoint at work once the task is cut, and has the task say what became
// of it. The caller has the turn.
func (s *session) writeShare(ctx context.Context, t *running, o orders, now time.Time) {
	if t.share != nil {
		s.shareWritten(t)
	}
	c := t.Cut()
	switch {
	case c.ID == 0:
	case c.ID != o.active.Number:
		s.stopShare(t)
		if c.ID != o.heldFor(c.ID) {
			t.Forget(c.ID)
		}
	case t.store == nil || t.share != nil || c.Part != "" || c.Failure != "":
	case s.cfg.Savepoints.Blobs == nil:
		t.Wrote(c.ID, "", "the workers have no store of savepoints")
	case c.Seq != t.Meta().Seq && o.held != c.ID:
		t.Wrote(c.ID, "", "another worker has taken "+t.ID()+" over, and it has gone on since it was cut")
	default:
		if err := s.beginShare(ctx, t, o.active, now); err != nil {
			t.Wrote(c.ID, "", shorten(err.Error()))
		}
	}
}

// beginShare keeps the task's state as it is, and writes it while the task goes on.
func (s *session) beginShare(ctx context.Context, t *running, c command.Command, now time.Time) error {
	freezer, ok := t.store.(state.Freezer)
	if !ok {
		return fault.New(fault.User, fault.Place{}, "the store of %s can't be kept as it is while it is written", t.ID()).Do("use another state backend")
	}
	frozen, err := freezer.Freeze(mostCopiedBytes)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &share{cut: c.Number, cancel: cancel, done: make(chan struct{})}
	t.share = w
	write := s.shareWriter(t, c, now)
	go func() {
		defer close(w.done)
		select {
		case s.shares <- struct{}{}:
			w.digest, w.err = write(ctx, frozen)
			<-s.shares
		case <-ctx.Done():
			w.err = context.Cause(ctx)
		}
		w.err = errors.Join(w.err, frozen.Close())
	}()
	return nil
}

// shareWritten looks whether a share is written.
func (s *session) shareWritten(t *running) {
	w := t.share
	select {
	case <-w.done:
	default:
		return
	}
	t.share = nil
	w.cancel()
	failure := ""
	if w.err != nil {
		failure = fault.Wrap(fault.KindOf(w.err), w.err, "write the state of %s", t.ID()).Error()
		s.log.Error("a savepoint fails", "task", t.ID(), "cause", w.err)
	}
	t.Wrote(w.cut, w.digest, shorten(failure))
}

// mostReasonBytes bounds what a task says of a failure, which travels in its offset's metadata.
const mostReasonBytes = 500

func shorten(text string) string {
	if len(text) > mostReasonBytes {
		return text[:mostReasonBytes] + "…"
	}
	return text
}

// stopShare ends the writing of a share that is of no use any more, and waits for it.
func (s *session) stopShare(t *running) {
	if t.share == nil {
		return
	}
	t.share.cancel()
	<-t.share.done
	t.share = nil
}
