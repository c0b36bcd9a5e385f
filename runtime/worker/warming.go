package worker

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/millrace/millrace/runtime/balance"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
)

const (
	// DefaultWarmUpLeastBytes is what a worker reads back in well under a second.
	DefaultWarmUpLeastBytes = 4 << 20

	// warmWithin is how fast what was committed must be read for a copy to be warm: so much is read at most when the task is opened.
	warmWithin = 500 * time.Millisecond
	// warmLook is how often the end of the log is looked for, and warmAgain the pause after a failure.
	warmLook  = 500 * time.Millisecond
	warmAgain = 5 * time.Second
	// warmBytes of changelog are written at once, and warmPause is how long a warm-up waits where the store is behind.
	warmBytes = 1 << 20
	warmPause = 20 * time.Millisecond
	// warmTogether is how long a warm task waits for others that the worker warms up for, to move with them: each rebalance can cost everybody a commit.
	warmTogether = 10 * time.Second
)

// warmUpLimits bound the reading beside the work: of a worker, and of the brokers and the blob store.
var warmUpLimits = balance.Limits{PerMember: 2, Total: 16} //nolint:gochecknoglobals // a constant

// warmUps are the tasks that a session warms up for: it fills its own stores of them, while other workers have them, and follows their
// changelogs. A store that was warmed up is nothing but one that is left from before: whoever opens the task reads the rest of the log, and what
// it comes to is compared with the committed offset.
type warmUps struct {
	session *session
	life    context.Context //nolint:containedctx // of the session, for goroutines that a callback starts

	mu   sync.Mutex
	by   map[kafka.Partition]*warmUp
	over bool
}

// warmUp is one, on a goroutine of its own, which has the store open.
type warmUp struct {
	in   kafka.Partition
	stop context.CancelFunc
	// Guarded by the mutex of all.
	left  bool          // nobody wants it any more
	ended bool          // its copy is another's
	done  chan struct{} // closed when the store is
}

func newWarmUps(s *session, life context.Context) *warmUps { //nolint:revive // the session comes first
	return &warmUps{session: s, life: life, by: map[kafka.Partition]*warmUp{}}
}

// assigned takes what the group says of tasks: those that are ours, and those that are not yet. It waits for nothing.
func (s *session) assigned(given []kafka.Partition, told map[kafka.Partition]balance.Notice) {
	s.words.assigned(told)
	s.warmUps.told(given, told)
}

// told begins and ends warm-ups as the group wants. One whose task is given to us goes on until the task is opened.
func (w *warmUps) told(given []kafka.Partition, told map[kafka.Partition]balance.Notice) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p, u := range w.by {
		if !told[p].WarmUp && !slices.Contains(given, p) {
			u.left = true
			u.stop()
		}
	}
	for p, n := range told {
		before := w.by[p]
		if n.WarmUp && !w.over && !slices.Contains(given, p) && (before == nil || before.left || before.ended) {
			w.begin(p, before)
		}
	}
}

// begin starts a warm-up, after the one before is over. The caller has the mutex.
func (w *warmUps) begin(p kafka.Partition, before *warmUp) {
	ctx, stop := context.WithCancel(w.life)
	u := &warmUp{in: p, stop: stop, done: make(chan struct{})}
	w.by[p] = u
	w.session.working.Go(func() {
		defer close(u.done)
		defer stop()
		if before != nil {
			<-before.done
		}
		w.session.warm(ctx, u)
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.by[p] == u {
			delete(w.by, p)
		}
	})
}

// surrender ends the warm-up for a task that is about to be opened, and says whether there was one. The copy stays.
func (w *warmUps) surrender(p kafka.Partition) bool {
	w.mu.Lock()
	u := w.by[p]
	if u != nil {
		u.ended = true
		u.stop()
	}
	w.mu.Unlock()
	if u == nil {
		return false
	}
	<-u.done
	return true
}

// end makes the rest of the session begin none.
func (w *warmUps) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
}

// wanted says that a warm-up is of use still.
func (w *warmUps) wanted(u *warmUp) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !u.left
}

// warm fills the copy of a task and follows its changelog until ctx ends. What breaks off is begun again: nothing depends on it.
func (s *session) warm(ctx context.Context, u *warmUp) {
	stage := slices.Index(s.cfg.inputs(), u.in.Topic)
	if ctx.Err() != nil || stage < 0 || !s.cfg.Plan.Stages[stage].Stateful {
		return
	}
	id := taskID(s.cfg.Plan.Stages[stage].Name, u.in.Number)
	shown := restoring{board: s.board, task: id, warms: true}
	defer shown.end()
	s.words.warmth(u.in, balance.Warming)
	defer s.words.warmth(u.in, balance.Cold)
	s.log.Info("warming up for a task", "task", id)
	for ctx.Err() == nil {
		begin := time.Now()
		o := &opening{at: u.in, stage: stage, task: id, shown: shown}
		err := s.warmOnce(ctx, o, begin)
		if ctx.Err() != nil {
			break
		}
		s.log.Warn("the warming up for a task broke off, and begins again", "task", id, "cause", err)
		s.words.warmth(u.in, balance.Warming)
		shown.warmUp(func(now *control.WarmUp, _ *control.Status) { now.Warm = false; now.Failures++ })
		if fault.KindOf(err) == fault.Corrupt {
			s.forgetCopy(id)
		}
		_ = wait(ctx, warmAgain)
	}
	if _, durable := s.cfg.Backend.(state.Flusher); !durable && !s.warmUps.wanted(u) {
		s.forgetCopy(id) // it is in memory
	}
}

// forgetCopy drops what is here of a task.
func (s *session) forgetCopy(id string) {
	if err := s.cfg.Backend.Drop(id); err != nil {
		s.log.Warn("a copy of a task's state stays", "task", id, "cause", err)
	}
}

// warmOnce returns when ctx ends, or with what has broken off.
func (s *session) warmOnce(ctx context.Context, o *opening, begin time.Time) (err error) {
	if o.store, err = s.cfg.Backend.Open(o.task); err != nil {
		return err
	}
	defer o.abandon()
	if o.meta, err = s.metaNow(ctx, o.at); err != nil {
		return err
	}
	s.prepareReplay(o)
	s.yield(ctx)
	logs, err := s.logs(ctx, []*opening{o})
	if err != nil {
		return err
	}
	log := logs[o.changelog]
	if at := o.store.Position(); at.Offset > log.end {
		return fault.New(fault.Corrupt, fault.Place{}, "the copy is at offset %d of a changelog that ends at %d", at.Offset, log.end)
	}
	if err := s.fill(ctx, []*opening{o}, logs); err != nil {
		return err
	}
	o.from = o.store.Position().Offset
	o.shown.replay(max(0, log.end-o.from))
	tail, err := kafka.NewTail(s.cfg.Kafka, o.changelog, o.from)
	if err != nil {
		return err
	}
	defer tail.Close()
	defer func() { s.words.stays(o.task, o.filled()) }()
	return s.followTail(ctx, o, tail, begin)
}

// filled is about how many bytes the copy was made of.
func (o *opening) filled() int64 {
	if o.copy != nil {
		return o.copy.Bytes + o.bytes
	}
	return o.kept + o.bytes
}

// metaNow returns what the committed offset of a partition says.
func (s *session) metaNow(ctx context.Context, p kafka.Partition) (m task.Meta, err error) {
	found, err := s.admin.CommittedSoFar(ctx, s.cfg.Topics.Group(), p.Topic)
	if err != nil {
		return m, err
	}
	i := slices.IndexFunc(found, func(c kafka.Committed) bool { return c.Partition == p })
	if i < 0 {
		return m, fault.New(fault.Transient, fault.Place{}, "the group has no offset of %s", p)
	}
	return metaOf(found[i])
}

// followTail reads the changelog, and has the group move the task once it has what is committed.
func (s *session) followTail(ctx context.Context, o *opening, tail *kafka.Tail, begin time.Time) error {
	var warm time.Time // since when it is; the zero value is not yet
	for ctx.Err() == nil {
		ends, err := s.admin.StableEnds(ctx, o.changelog.Topic)
		if err != nil {
			return err
		}
		end, looked := ends[o.changelog], time.Now()
		for tail.Next() < end && ctx.Err() == nil && (warm.IsZero() || time.Since(looked) < warmLook) {
			if err := s.readTail(ctx, o, tail); err != nil {
				return err
			}
		}
		o.shown.total(max(0, end-o.from))
		if warm.IsZero() && time.Since(looked) < warmWithin && ctx.Err() == nil {
			warm = time.Now()
			s.warmed(o, warm.Sub(begin))
		}
		if !warm.IsZero() && s.words.asks(o.at, time.Since(warm) >= warmTogether) {
			s.askFor(ctx)
		}
		if err := s.readTail(ctx, o, tail); err != nil {
			return err
		}
	}
	return nil
}

// readTail takes what comes within a moment.
func (s *session) readTail(ctx context.Context, o *opening, tail *kafka.Tail) error {
	life := ctx
	ctx, cancel := context.WithTimeout(ctx, warmLook)
	defer cancel()
	written := 0
	return tail.Poll(ctx, func(offset int64, value []byte) error {
		if written += len(value); written >= warmBytes {
			s.yield(life)
			written = 0
		}
		if err := o.replay.Add(offset, value); err != nil {
			return err
		}
		o.bytes += int64(len(value))
		o.shown.replayed(int64(len(value)), offset+1-o.from)
		return nil
	})
}

// yield waits while tasks are opened, or the backend is behind: what is waited for goes first, and so do the commits of the tasks that run.
func (s *session) yield(ctx context.Context) {
	b, ok := s.cfg.Backend.(state.Strained)
	for (s.opens.Load() > 0 || ok && b.Strained()) && wait(ctx, warmPause) == nil {
	}
}

// warmed takes note that a task can move.
func (s *session) warmed(o *opening, took time.Duration) {
	s.log.Info("warmed up for a task", "task", o.task, "commit", o.store.Position().Commit, "bytes", o.filled(), "took", took)
	o.shown.warmUp(func(now *control.WarmUp, st *control.Status) { now.Warm = true; st.Restored.WarmUps++ })
	s.words.warmth(o.at, balance.Warm)
}

// askFor has the group give us the tasks that we are warm for.
func (s *session) askFor(ctx context.Context) {
	select {
	case s.turn <- struct{}{}:
		member := s.member
		s.turn.give()
		if member != nil {
			member.Rejoin()
		}
	case <-ctx.Done():
	}
}
