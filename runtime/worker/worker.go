package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	firstContact = 15 * time.Second // how long a first answer of a broker may take; later the worker waits for ever
	retryPause   = time.Second

	newTopicPatience = time.Second
	newTopicPause    = 50 * time.Millisecond
)

// Worker runs a plan's tasks. Make it with New; Run it once.
type Worker struct {
	cfg   Config
	begun bool // a session has worked
	log   *slog.Logger
	board *board
	total int // tasks of the whole job
	// brokers is how many there were at the start, and stretched whether it was said that commits are further apart than they should be.
	brokers   int
	stretched bool
	ends      map[kafka.Partition]int64 // of a bounded input; nil while they are not known
	tried     map[kafka.Partition]int64 // where the sources of a trial end, as far as they were opened

	asking *asking
	words  *words
	pulse  pulse
}

// New returns a worker that does nothing yet, or a User error where the configuration can't run.
func New(cfg Config) (*Worker, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &Worker{
		cfg: cfg, board: newBoard(cfg.Epoch, cfg.Ordinal), asking: newAsking(cfg.Plan, cfg.Logger), words: newWords(&cfg),
		log: cfg.Logger.With("job", cfg.Topics.Prefix, "epoch", cfg.Epoch, "worker", cfg.Ordinal),
	}, nil
}

// Snapshot returns the worker's status. It is safe for concurrent use.
func (w *Worker) Snapshot() control.Status {
	s := w.board.snapshot()
	s.WorkSince = w.pulse.began()
	return s
}

// Run works until ctx ends, then commits and leaves the group, and returns nil; so it does when a bounded input is
// done. Any other error has a kind: Fenced when another worker has taken over, Data for a bad row, User, Corrupt, Bug.
// Transient errors are waited out, except before the first contact with a broker, and so are credentials that are refused
// after it, or before it where the worker is Operated.
func (w *Worker) Run(ctx context.Context) error {
	defer w.board.change(func(s *control.Status) {
		if s.Phase != control.Finished {
			s.Phase = control.Stopped
		}
	})
	defer w.settles()()
	admin, err := kafka.NewAdmin(w.cfg.Kafka)
	if err != nil {
		return err
	}
	defer admin.Close()
	w.asking.admin.Store(admin)
	if err := w.contact(ctx, admin); err != nil {
		return w.untried(end(ctx, err))
	}
	place := "" // our member id: the group keeps it for the session after a failed one
	for {
		s := newSession(w, admin)
		err := s.run(ctx)
		if s.memberID != "" {
			place = s.memberID
		}
		if err == nil || ctx.Err() != nil || !recoverable(err) {
			w.leave(ctx, admin, place)
			return w.untried(w.outcome(ctx, err))
		}
		if taken, e := admin.Successor(ctx, w.cfg.Topics.Group(), w.cfg.Topics.InstanceID(w.cfg.Ordinal), s.memberID); e == nil && taken {
			return fault.Wrap(fault.Fenced, err, "another process works as %s", w.cfg.Topics.InstanceID(w.cfg.Ordinal))
		}
		w.board.change(func(st *control.Status) { st.Phase = control.Recovering; st.Restarts++ })
		w.log.Warn("going back into the group", "cause", err)
		if wait(ctx, retryPause) != nil {
			w.leave(ctx, admin, place)
			return w.untried(w.outcome(ctx, err))
		}
	}
}

// outcome is what Run says of how its last session ended.
func (w *Worker) outcome(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && recoverable(err) {
		w.log.Warn("ended without a last commit; the next worker goes on at the one before", "cause", err)
		return nil
	}
	return err
}

// leave takes us out of the group for good, also when ctx is over: nobody else would work on our partitions before the
// session timeout.
func (w *Worker) leave(ctx context.Context, admin *kafka.Admin, memberID string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shortRequest)
	defer cancel()
	if err := admin.Leave(ctx, w.cfg.Topics.Group(), w.cfg.Topics.InstanceID(w.cfg.Ordinal), memberID); err != nil {
		w.log.Warn("the group was not left; it notices after the session timeout", "cause", err)
	}
}

// contact waits for a first answer and prepares the internal topics.
func (w *Worker) contact(ctx context.Context, admin *kafka.Admin) error {
	for {
		err := answer(ctx, admin)
		if err == nil {
			break
		}
		if !w.cfg.Operated || !kafka.Unauthenticated(err) || ctx.Err() != nil {
			return err
		}
		w.log.Warn("brokers do not take the credentials, whose files are read again", "cause", err) // to be started again would help no sooner
	}
	for {
		err := w.prepare(ctx, admin)
		if err == nil || !recoverable(err) {
			return err
		}
		w.log.Warn("the topics are not prepared yet", "cause", err)
		if wait(ctx, retryPause) != nil {
			return err
		}
	}
}

// answer waits for a first answer of a broker.
func answer(ctx context.Context, admin *kafka.Admin) error {
	ctx, cancel := context.WithTimeout(ctx, firstContact)
	defer cancel()
	for {
		err := admin.Ping(ctx)
		if err == nil || wait(ctx, retryPause/4) != nil {
			return err
		}
	}
}

// prepare counts the job's tasks, and makes its internal topics where they are not given.
func (w *Worker) prepare(ctx context.Context, admin *kafka.Admin) error {
	counts, err := w.userTopics(ctx, admin)
	if err != nil {
		return err
	}
	w.total = 0
	for i, s := range w.cfg.Plan.Stages {
		switch in := s.Input; {
		case in.Exchange != nil:
			w.total += w.cfg.Plan.MaxParallelism
		case in.Topic.Nexmark != nil:
			w.total += in.Topic.Nexmark.Splits
		default:
			w.total += counts[w.cfg.input(i)]
		}
	}
	w.board.change(func(s *control.Status) { s.Partitions, s.CommitInterval = w.total, w.cfg.CommitInterval })
	if w.brokers, err = admin.Brokers(ctx); err != nil {
		return err
	}
	switch {
	case w.cfg.GivenTopics:
		return w.given(ctx, admin)
	case w.cfg.Ordinal == 0:
		return admin.CreateInternal(ctx, w.cfg.internal(), w.cfg.Durability)
	default:
		return nil
	}
}

// given looks for the internal topics, of which every plan has one at least. They outlive nothing of the job but its group's offsets, which are deleted after
// them: a worker that a lost node starts again, once the job was deleted, finds no offsets and would take that for a first start.
func (w *Worker) given(ctx context.Context, admin *kafka.Admin) error {
	for begin := time.Now(); ; {
		err := admin.VerifyInternal(ctx, w.cfg.internal())
		if !kafka.TopicMissing(err) {
			return err
		}
		if time.Since(begin) >= newTopicPatience || wait(ctx, newTopicPause) != nil {
			return fault.Wrap(fault.User, err, "an internal topic is not there, so that the job was deleted, or has lost its state").
				Do("if the job is to run, suspend and resume it from a savepoint, or make it anew")
		}
	}
}

// userTopics counts the partitions of what the job reads and writes. A topic that was made a moment ago is unknown to a
// broker that has not heard of it yet.
func (w *Worker) userTopics(ctx context.Context, admin *kafka.Admin) (map[string]int, error) {
	topics := append(w.cfg.Plan.SourceTopics(), w.cfg.Plan.SinkTopics()...)
	for begin := time.Now(); ; {
		counts, err := admin.Partitions(ctx, topics...)
		if err == nil || fault.KindOf(err) != fault.User || time.Since(begin) >= newTopicPatience || wait(ctx, newTopicPause) != nil {
			return counts, err
		}
	}
}

// recoverable says whether another session can help. It does where credentials were refused, which were taken before: it reads
// their files anew.
func recoverable(err error) bool {
	if kafka.Unauthenticated(err) {
		return true
	}
	switch fault.KindOf(err) {
	case fault.Transient, fault.Unknown:
		return true
	case fault.User, fault.Data, fault.Corrupt, fault.Fenced, fault.Bug:
		return false
	default:
		return false
	}
}

// end is err, or nil where it only says that ctx has ended.
func end(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || recoverable(err)) {
		return nil
	}
	return err
}
