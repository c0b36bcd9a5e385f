package worker

import (
	"context"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
)

// opening is a task that is being restored.
type opening struct {
	at        kafka.Partition
	stage     int
	meta      task.Meta
	end       int64
	changelog kafka.Partition
	store     state.Store
	replay    *task.Replay

	// Of a task with state.
	task  string
	log   string // id of the changelog topic
	from  int64  // where the replay begins
	bytes int64  // of changelog that were replayed
	shown restoring
	copy  *control.Snapshot // what it was restored from
	kept  int64             // bytes of the store that were here before
	warm  bool              // we had warmed up for it
}

// abandon gives back what a failed opening holds.
func (o *opening) abandon() {
	if o.store != nil {
		_ = o.store.Close() // an error is on its way already
		o.store = nil
	}
}

// restore brings the stores of new tasks up to their changelogs. Whatever it has opened is returned, also with an error.
func (s *session) restore(ctx context.Context, partitions []kafka.Committed) ([]*opening, error) {
	var list, stateful []*opening
	ends, err := s.admin.Ends(ctx, s.cfg.inputs()...)
	if err != nil {
		return nil, err
	}
	for _, c := range partitions {
		o, err := s.locate(c, ends)
		if err != nil {
			return list, err
		}
		list = append(list, o)
		if stage := s.cfg.Plan.Stages[o.stage]; stage.Stateful {
			o.task = taskID(stage.Name, c.Number)
			o.warm = s.warmUps.surrender(c.Partition)
			if o.store, err = s.cfg.Backend.Open(o.task); err != nil {
				return list, err
			}
			s.prepareReplay(o)
			o.shown = restoring{board: s.board, task: o.task}
			stateful = append(stateful, o)
		}
	}
	if len(stateful) == 0 {
		return list, nil
	}
	defer func() {
		for _, o := range stateful {
			o.shown.end()
		}
	}()
	logs, err := s.logs(ctx, stateful)
	if err == nil {
		err = s.fill(ctx, stateful, logs)
	}
	if err == nil {
		err = s.replay(ctx, stateful, logs)
	}
	return list, err
}

// prepareReplay readies an opening whose store is open.
func (s *session) prepareReplay(o *opening) {
	o.changelog = kafka.Partition{Topic: s.cfg.Topics.Changelog(s.cfg.Plan.Stages[o.stage].Name), Number: o.at.Number}
	o.kept = s.words.kept(o.task, o.store)
	o.replay = task.NewReplay(o.store)
	o.replay.Plants = s.cfg.Plants.task()
}

// replay reads the changelogs from where the stores stand.
func (s *session) replay(ctx context.Context, stateful []*opening, logs map[kafka.Partition]extent) error {
	from, byLog := map[kafka.Partition]int64{}, map[kafka.Partition]*opening{}
	for _, o := range stateful {
		if o.warm && s.cfg.Plants.warmIsEnough() {
			continue
		}
		o.from = o.store.Position().Offset
		from[o.changelog], byLog[o.changelog] = o.from, o
		o.shown.replay(max(0, logs[o.changelog].end-o.from))
	}
	err := kafka.Replay(ctx, s.cfg.Kafka, from, func(p kafka.Partition, offset int64, value []byte) error {
		o := byLog[p]
		if err := o.replay.Add(offset, value); err != nil {
			return fault.Wrap(fault.KindOf(err), err, "restore from %s/%d", p, offset)
		}
		o.bytes += int64(len(value))
		o.shown.replayed(int64(len(value)), offset+1-o.from)
		return nil
	})
	if fault.KindOf(err) == fault.Corrupt {
		return s.shortened(ctx, stateful, err)
	}
	for _, o := range stateful {
		err = settled(o, err)
	}
	return err
}

// locate finds the stage of a partition and reads its offset's metadata.
func (s *session) locate(c kafka.Committed, ends map[kafka.Partition]int64) (*opening, error) {
	if c.Offset < 0 {
		return nil, added(c.Partition)
	}
	meta, err := metaOf(c)
	if err != nil {
		return nil, err
	}
	if meta.JobEpoch > s.cfg.Epoch {
		return nil, outdated(c.Partition, meta.JobEpoch, s.cfg.Epoch)
	}
	for i := range s.cfg.Plan.Stages {
		if s.cfg.input(i) == c.Topic {
			return &opening{at: c.Partition, stage: i, meta: meta, end: ends[c.Partition]}, nil
		}
	}
	return nil, fault.New(fault.Bug, fault.Place{}, "no stage reads %s", c.Partition)
}

// admit makes tasks of what was restored and lets them run.
func (s *session) admit(ctx context.Context, list []*opening) error {
	s.turn.take()
	defer s.turn.give()
	if s.closing || s.fatal != nil {
		return fault.New(fault.Transient, fault.Place{}, "the session ended while its tasks were restored")
	}
	built := make([]*running, 0, len(list))
	for _, o := range list {
		t, err := s.build(o)
		if err != nil {
			return closeAll(built, err)
		}
		built = append(built, t)
		o.store = nil // the task's now
	}
	if err := s.own(ctx, built); err != nil {
		return closeAll(built, err)
	}
	for _, t := range built {
		s.tasks[t.in] = t
	}
	s.divide()
	s.coordinates.Store(s.tasks[s.first()] != nil)
	s.publish(time.Now())
	s.weigh(time.Now())
	return nil
}

// closeAll closes tasks that were opened for nothing, and returns the reason.
func closeAll(tasks []*running, err error) error {
	for _, t := range tasks {
		_ = t.close() // there is an error already
	}
	return err
}

func (s *session) build(o *opening) (*running, error) {
	made, err := s.builder.Task(o.stage, o.at.Number)
	if err != nil {
		return nil, err
	}
	if err := made.Open(o.store, o.meta); err != nil {
		made.Close()
		return nil, fault.Wrap(fault.KindOf(err), err, "open the task of %s", o.at)
	}
	orders := s.commands.orders(time.Now())
	if err := made.Ask(orders.heldFor(o.meta.Cut.ID)); err != nil {
		made.Close()
		return nil, err
	}
	t := &running{
		Task: made, in: o.at, changelog: o.changelog, store: o.store, end: o.end,
		log: o.log, changed: o.bytes, kept: o.kept, copy: o.copy, copyAt: s.firstCopy(made.ID(), time.Now()),
	}
	t.stage = o.stage
	t.load.known(s.words.stepOf(o.at))
	t.source = s.cfg.Plan.Stages[o.stage].Input.Topic != nil
	end, known, err := s.limit(t, o)
	if err != nil {
		return nil, err
	}
	if at, ends := endsAt(o.meta, orders); t.source && ends && (!s.cfg.Bounded || s.cfg.Ends != nil) && !made.Importing() {
		end, known = at, true
	}
	if known {
		if err := made.SetEnd(end); err != nil {
			return nil, err
		}
	}
	t.waits, t.seenAt, t.seenWaited = s.waits(t, &restraint{}), time.Now(), s.watch.waited()
	t.held = t.waits != control.WaitsForNothing
	return t, nil
}
