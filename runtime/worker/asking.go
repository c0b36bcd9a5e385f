package worker

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/inquiry"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state"
)

// A task's store is the loop's alone. So a question of what it holds waits in a queue, which the loop looks at between two
// steps, when the store is at a commit. What that may take of the loop's time is bounded.
const (
	questionsWaiting = 64
	questionsAStep   = 16
	answersTook      = 2 * time.Millisecond // in a step, before the last one begins
	answersShare     = 10                   // one part in so many of the loop's time

	answerWindows = 256
	answerReads   = 1024
	answerBytes   = 256 << 10
	answerTook    = 5 * time.Millisecond // between two reads of the store
)

// asking is what can be asked of the state of a worker's tasks, and the questions that wait.
type asking struct {
	operators []inquiry.Operator
	lookups   []operator.Lookup // of the operators; the loop's
	waiting   chan *question
	rested    time.Time // no question is answered before; the loop's
	owners    owners
	// admin is there while the worker runs.
	admin atomic.Pointer[kafka.Admin]
}

// question is for one key of an operator.
type question struct {
	operator int
	in       kafka.Partition
	key      *inquiry.Key
	gone     <-chan struct{} // closed when nobody waits for the answer any more
	reply    chan reply      // takes one without a wait
}

// reply is what the loop says. Without found and an error the task is not here.
type reply struct {
	found *operator.Found
	asOf  control.Commit
	err   error
}

// newAsking returns what can be asked of a plan. An operator that can't be looked into is left out: the job works without.
func newAsking(p *physical.Plan, log *slog.Logger) *asking {
	a := &asking{waiting: make(chan *question, questionsWaiting), owners: newOwners()}
	for _, o := range inquiry.Operators(p) {
		l, err := build.Lookup(p, o.Stage, o.Columns)
		if err != nil {
			log.Warn("the state of an operator can't be asked for", "operator", o.ID, "cause", err)
			continue
		}
		a.operators, a.lookups = append(a.operators, o), append(a.lookups, l)
	}
	return a
}

// Operators lists the operators whose state can be asked for. It is safe for concurrent use.
func (w *Worker) Operators() []control.Stateful {
	list := make([]control.Stateful, 0, len(w.asking.operators))
	for i := range w.asking.operators {
		list = append(list, w.asking.operators[i].Describe())
	}
	return list
}

// Ask returns what is committed of a key; see inquiry.Operator.Key for its form. The answer is as of a commit of the
// key's task, never of what is open. The errors are those of package control, or of a store that can't be read. It is safe for
// concurrent use.
func (w *Worker) Ask(ctx context.Context, operatorID, text string) (*control.State, error) {
	a := w.asking
	at := slices.IndexFunc(a.operators, func(o inquiry.Operator) bool { return o.ID == operatorID })
	if at < 0 {
		unknown := &control.UnknownOperatorError{Operator: operatorID, Known: []string{}}
		for i := range a.operators {
			unknown.Known = append(unknown.Known, a.operators[i].ID)
		}
		return nil, unknown
	}
	o := &a.operators[at]
	key, err := o.Key(text)
	if err != nil {
		return nil, &control.BadKeyError{Cause: err}
	}
	if phase := w.board.phaseNow(); phase != control.Running && phase != control.Restoring {
		return nil, &control.NotNowError{Why: "the worker is " + string(phase)}
	}
	in := kafka.Partition{Topic: w.cfg.input(o.Stage), Number: key.Partition}
	q := &question{operator: at, in: in, key: key, gone: ctx.Done(), reply: make(chan reply, 1)}
	select {
	case a.waiting <- q:
	default:
		return nil, &control.NotNowError{Why: "too many questions wait"}
	}
	select {
	case r := <-q.reply:
		switch {
		case r.err != nil:
			return nil, r.err
		case r.found == nil:
			return nil, w.elsewhere(ctx, q.in)
		}
		s, err := o.State(key, r.found)
		if err != nil {
			return nil, err
		}
		s.Epoch, s.Worker, s.AsOf = w.cfg.Epoch, w.cfg.Ordinal, r.asOf
		return s, nil
	case <-ctx.Done():
		return nil, &control.NotNowError{Why: "the worker is busy"}
	}
}

// answer answers some of the questions that wait. The caller has the turn, and no task is sealed.
func (s *session) answer() {
	if len(s.asking.waiting) == 0 {
		return
	}
	begin := time.Now()
	if begin.Before(s.asking.rested) {
		return
	}
	took := time.Duration(0)
	for n := 0; n < questionsAStep && took < answersTook && len(s.asking.waiting) > 0; n++ { // nobody else takes any
		q := <-s.asking.waiting
		q.reply <- s.look(q)
		took = time.Since(begin)
	}
	s.asking.rested = begin.Add(answersShare * took)
}

// look answers a question.
func (s *session) look(q *question) reply {
	t := s.tasks[q.in]
	switch {
	case isClosed(q.gone), t == nil || t.store == nil:
		return reply{}
	case t.Importing():
		return reply{err: &control.NotNowError{Why: "the state of the task is being restored from a savepoint"}}
	}
	until := time.Now().Add(answerTook)
	found, err := s.asking.lookups[q.operator].Look(t.store, q.key.Row, operator.Bounds{
		Windows: answerWindows, Reads: answerReads, Bytes: answerBytes,
		Over: func() bool { return isClosed(q.gone) || time.Now().After(until) },
	})
	if r, ok := t.store.(state.Resting); ok {
		if e := r.Rest(); err == nil {
			err = e
		}
	}
	at := t.store.Position()
	return reply{found: found, err: err, asOf: control.Commit{Seq: at.Commit, ChangelogOffset: at.Offset, Watermark: t.Meta().Watermark}}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
