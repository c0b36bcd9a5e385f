package worker

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	pollRecords  = 8192
	pollTimeout  = 10 * time.Millisecond
	tickInterval = 10 * time.Millisecond
	statusEvery  = 100 * time.Millisecond
	shortRequest = 5 * time.Second

	// What a transaction may hold of emitted values, which readers wait for, before a commit is due ahead of its time (for changes of state
	// see Config.ChangeBytes). What one poll makes comes on top.
	commitBytes = 16 << 20

	// How long a commit may write before it is aborted: as long as a transaction lives; when partitions are taken away,
	// half of the group's rebalance timeout.
	commitPatience = 10 * time.Second
	revokePatience = 5 * time.Second
)

// session is one membership with one producer. turn guards what the loop and the group's callbacks share: everything
// below it.
type session struct {
	*Worker
	admin    *kafka.Admin
	member   *kafka.Member
	producer *kafka.Producer
	outputs  *outputs        // of a trial, or nil
	memberID string          // kept for after the end; empty when it was not in
	soft     context.Context //nolint:containedctx // of run, for the group's callbacks: over when the worker is to end

	turn       turn
	tasks      map[kafka.Partition]*running
	builder    *build.Factory
	stateful   int            // tasks with state
	partitions map[string]int // of each input, in this epoch
	copying    *copying       // a snapshot on its way, or nil
	cutting    *cutting       // a changelog that is being shortened behind a lap, or nil
	making     bool           // the last look at the splits brought something
	marked     bool           // the topic of commits says that the job has committed; for commits that are no transactions
	working    sync.WaitGroup // goroutines beside the loop
	shares     chan struct{}  // as many as may be written at once
	fatal      error          // set by a callback, returned by run
	closing    bool           // callbacks have nothing to do any more

	watch                      watch
	sealing                    time.Duration // what tasks were busy with for the last commit
	fetches                    fetches       // whose batches the next commit covers
	shipped                    kafka.Shipped // by the commit at hand
	pace                       pace
	stretch                    stretch
	ticked, published, trimmed time.Time
	// renewed is when ends of partitions were last asked for, to say how far tasks are behind.
	renewed time.Time

	weighed time.Time // when the loads of tasks were measured last
	weighAt time.Time // not before it may the group be asked to look at them
	warmUps *warmUps

	feeds       [][]string // exchanges, by stage
	commands    *commands
	coordinates atomic.Bool  // the plan's first task is here
	opens       atomic.Int32 // calls of Open under way
}

func newSession(w *Worker, admin *kafka.Admin) *session {
	w.words.begin()
	s := &session{Worker: w, admin: admin, turn: newTurn(), tasks: map[kafka.Partition]*running{}, pace: pace{longest: w.cfg.CommitInterval}, shares: make(chan struct{}, sharesAtOnce), feeds: w.cfg.feeds()}
	if !w.cfg.untransacted() {
		s.stretch.most = float64(w.cfg.MostMarkers * w.brokers)
	}
	return s
}

// run joins and works until ctx ends, the bounded input is done, or the session is of no use any more. Nil means that
// everything is committed. Our place in the group is kept: the caller leaves it, or goes back in.
func (s *session) run(ctx context.Context) error {
	s.soft = ctx
	// What Kafka is asked must not break off with ctx: a cancelled end of a transaction is an unknown outcome.
	hard, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() {
		if wait(hard, s.cfg.Grace) == nil {
			cancel(fault.New(fault.Transient, fault.Place{}, "the last commit took longer than %v", s.cfg.Grace))
		}
	})
	defer stop()
	life, end := context.WithCancel(hard)
	defer func() {
		end()
		s.working.Wait()
	}()
	if err := s.open(ctx, hard, life); err != nil {
		return err
	}
	if s.cfg.Plan.HasControl() {
		s.working.Go(func() { s.coordinate(life) })
	}
	s.turn.take()
	s.watch = newWatch(time.Now())
	s.turn.give()
	err := s.loop(ctx, hard)
	if err == nil {
		err = s.lastCommit(hard)
	}
	s.turn.take()
	s.closing = true
	s.board.timePast(s.watch.spent(time.Now()))
	s.turn.give()
	s.member.Close()
	s.warmUps.end()
	s.memberID = s.member.ID() // not earlier: a member that was thrown out joins again by itself, under another id
	if err != nil && !recoverable(err) && !s.cfg.untransacted() {
		s.giveUp(hard)
	}
	s.close()
	for _, t := range s.tasks {
		if e := s.drop(t); err == nil {
			err = e
		}
	}
	return err
}

// giveUp aborts what is open: it would hold back readers until it times out, and no session of ours comes after this.
func (s *session) giveUp(hard context.Context) {
	ctx, cancel := context.WithTimeout(hard, shortRequest)
	defer cancel()
	if err := errors.Join(s.producer.Abort(ctx), s.outputs.abort(ctx)); err != nil {
		s.log.Warn("the open transaction was not aborted; it times out", "cause", err)
	}
}

// open joins the group. Life bounds what works beside the loop.
func (s *session) open(ctx, hard, life context.Context) error {
	counts, err := s.handOver(ctx, s.admin)
	if err == nil {
		err = s.follow(ctx, life)
	}
	if err != nil {
		return err
	}
	if s.producer, err = s.newProducer(hard); err != nil {
		return err
	}
	if s.outputs, err = s.newOutputs(hard); err != nil {
		s.producer.Close()
		return err
	}
	s.partitions, s.warmUps = counts, newWarmUps(s, life)
	if s.builder, err = s.newBuilder(counts); err != nil {
		s.close()
		return err
	}
	s.board.phase(control.Waiting)
	s.turn.take() // callbacks come as soon as there is a member
	group := s.cfg.group()
	if s.cfg.Operated {
		group.Partitions = counts
	}
	group.Says, group.Assigned = s.words.says, s.assigned
	group.Warms, group.WarmUps = s.words.warms(), warmUpLimits
	s.member, err = kafka.NewMember(ctx, s.cfg.Kafka, group, s)
	s.begun = true
	s.turn.give()
	if err != nil {
		s.close()
	}
	return err
}

// close ends the producers.
func (s *session) close() {
	s.producer.Close()
	s.outputs.close()
}

// loop polls, processes and commits.
func (s *session) loop(ctx, hard context.Context) error {
	for ctx.Err() == nil {
		poll, cancel := context.WithTimeout(ctx, s.patience())
		err := s.member.Poll(poll, pollRecords, s.process)
		cancel()
		err = s.overtaken(hard, err)
		s.turn.take()
		err = graver(err, s.fatal)
		if err == nil {
			err = s.makeRecords(time.Now())
		}
		if err == nil {
			err = s.step(hard)
		}
		done := err == nil && s.cfg.Bounded && s.done()
		s.turn.give()
		s.member.Release()
		if err != nil || done {
			return err
		}
		s.trim(hard)
	}
	return nil
}

// graver returns the error that counts: what trying again can't heal goes first. Losing the partitions often follows
// from the error that is the reason.
func graver(a, b error) error {
	if a == nil || b != nil && recoverable(a) && !recoverable(b) {
		return b
	}
	return a
}

// process hands a partition's records to its task.
func (s *session) process(f kafka.Fetched) error {
	s.turn.take()
	defer s.turn.give()
	t := s.tasks[f.Partition]
	if t == nil || t.mustSeek || s.fatal != nil {
		return nil
	}
	if t.shut() { // since the last step, or it was fetched since we stopped it
		t.held, t.stopped = true, false
		return nil
	}
	t.fetched = true
	t.end, t.slow = max(t.end, f.HighWatermark), false
	t.behind = f.Next < f.LastStable
	if len(f.Records) > 0 {
		begin := time.Now()
		s.producer.At(begin)
		s.fetches.add(f.At)
		t.open.take(&f)
		s.pulse.begins(begin)
		err := t.Process(f.Records)
		s.pulse.ends()
		if err != nil {
			return err
		}
		ended := t.work(begin)
		t.slow = outlived(f.At, ended)
		// Records of an exchange hold any number of rows, each of which may read the state, and a window may have come to its end: what
		// is due is committed before other partitions go on, or the transaction lives too long.
		if s.heavy() || s.pace.long(ended) {
			s.member.Enough()
		}
	}
	return t.SetPosition(f.Next)
}

// step does what is due between two polls. The caller has the turn.
func (s *session) step(hard context.Context) error {
	if err := s.settle(hard); err != nil {
		return err
	}
	begin := time.Now()
	if err := cmp.Or(s.producer.Ease(hard, commitPatience), s.outputs.ease(hard, commitPatience)); err != nil {
		if err := s.abort(hard, err); err != nil {
			return err
		}
	}
	if err := s.shed(); err != nil {
		return err
	}
	now := time.Now()
	s.watch.backpressure += now.Sub(begin)
	s.producer.At(now)
	s.outputs.at(now)
	if now.Sub(s.ticked) >= tickInterval {
		if err := s.tick(hard, now); err != nil {
			return err
		}
		s.copyState(hard, now)
		s.cutLogs(hard, now)
	}
	if (s.pace.due(now, s.caughtUp()) || s.heavy()) && s.anyPending() {
		if err := s.commit(hard, commitPatience); err != nil {
			return err
		}
		ended := time.Now()
		took := ended.Sub(now)
		s.watch.commit, s.watch.sealed = s.watch.commit+took, s.watch.sealed+s.sealing
		s.pace.took(now, ended)
		s.spread()
		s.board.change(func(st *control.Status) { st.LastCommitTook, st.CommitInterval = took, s.pace.interval() })
		now = ended
	}
	if err := s.obey(hard, now); err != nil {
		return err
	}
	s.seekBack()
	for _, t := range s.tasks {
		t.finished = t.Finished() && !t.Pending()
	}
	s.answer()
	if now.Sub(s.published) >= statusEvery {
		s.renew(hard, now)
		s.publish(now)
		s.weigh(now)
	}
	return nil
}

// spread takes commits as far apart as their markers ask, and says so once.
func (s *session) spread() {
	s.pace.least = s.stretch.least(len(s.tasks), s.total)
	if s.pace.least <= s.pace.longest || s.stretched {
		return
	}
	s.stretched = true
	s.log.Warn("commits are further apart than commitInterval: their markers would be more than the brokers are given", "interval", s.pace.least,
		"commitInterval", s.pace.longest, "partitions", int(s.stretch.touched), "tasks", len(s.tasks), "of", s.total, "markersPerSecond", int(s.stretch.most),
		"remedy", "lower maxParallelism or parallelism, or raise commitInterval")
}

// heavy says that the open transaction holds so much that its commit does not wait for the interval.
func (s *session) heavy() bool {
	changes := 0
	for _, t := range s.tasks {
		changes += t.StateBytes()
	}
	return s.producer.Bytes()+s.outputs.bytes() >= commitBytes || int64(changes) >= s.cfg.ChangeBytes
}

// caughtUp says that no more input is waiting.
func (s *session) caughtUp() bool {
	if s.making {
		return false
	}
	for _, t := range s.tasks {
		if t.behind {
			return false
		}
	}
	return true
}

// lastCommit commits what is open when the work ends.
func (s *session) lastCommit(hard context.Context) error {
	s.turn.take()
	defer s.turn.give()
	err := s.fatal
	if err == nil {
		err = s.commit(hard, commitPatience)
	}
	s.publish(time.Now())
	if err == nil && s.cfg.Bounded && s.done() {
		s.board.phase(control.Finished)
	}
	return err
}

// seekBack sends the consumer to the committed positions after an abort. Only here, between a poll and Release, can no
// partition be taken away meanwhile.
func (s *session) seekBack() {
	var to map[kafka.Partition]int64
	for p, t := range s.tasks {
		if t.mustSeek {
			t.mustSeek = false
			if t.split != nil || t.held {
				continue // it is asked for the task's position each time, or has to wait
			}
			if to == nil {
				to = map[kafka.Partition]int64{}
			}
			to[p] = t.Position()
		}
	}
	if to != nil {
		s.member.Seek(to)
	}
}

// done says that every task of the job is here and has finished.
func (s *session) done() bool {
	if len(s.tasks) < s.total {
		return false
	}
	for _, t := range s.tasks {
		if !t.finished {
			return false
		}
	}
	return true
}

func (s *session) publish(now time.Time) {
	s.published = now
	list := make([]control.Task, 0, len(s.tasks))
	for _, t := range s.tasks {
		list = append(list, t.status())
	}
	s.board.tasks(now, list)
	if !s.watch.began.IsZero() { // else the loop has not begun: tasks were given to us meanwhile
		s.watch.idle = s.member.Waited()
		s.board.time(s.watch.spent(now), s.watch.recent(now))
	}
}

// drop ends a task here and keeps its counts.
func (s *session) drop(t *running) error {
	s.stopCopying(t)
	s.stopShare(t)
	s.stopImport(t)
	s.stopCutting(t)
	delete(s.tasks, t.in)
	s.divide()
	s.coordinates.Store(s.tasks[s.first()] != nil)
	s.board.gone(t.rows())
	s.words.gone(t)
	return t.close()
}

// trim deletes what the exchanges' readers have committed.
func (s *session) trim(hard context.Context) {
	now := time.Now()
	if s.trimmed.IsZero() {
		s.trimmed = now
	}
	if now.Sub(s.trimmed) < s.cfg.TrimInterval {
		return
	}
	s.trimmed = now
	before := map[kafka.Partition]int64{}
	s.turn.take()
	for p, t := range s.tasks {
		at := t.Meta().Offset
		if s.cfg.Plants.purgeAhead() {
			at = t.Position()
		}
		if !t.source && at > 0 {
			before[p] = at
		}
	}
	s.turn.give()
	if len(before) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(hard, shortRequest)
	defer cancel()
	if err := s.admin.DeleteBefore(ctx, before); err != nil {
		s.log.Warn("consumed records of the exchanges stay for now", "cause", err)
	}
}

// newBuilder returns what makes the session's tasks.
func (s *session) newBuilder(counts map[string]int) (*build.Factory, error) {
	return build.New(build.Env{
		Plan: s.cfg.Plan, Topics: s.cfg.Topics, JobEpoch: s.cfg.Epoch, Worker: s.cfg.Ordinal, Partitions: counts, Emit: s.emit(),
		Laps: s.cfg.Laps, Plants: s.cfg.Plants.task(), Untransacted: s.cfg.untransacted(), TableBytes: s.tableBytes,
	})
}
