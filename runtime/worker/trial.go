package worker

import (
	"context"
	"slices"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
)

const (
	// DefaultTrialRows is how many offsets a trial reads where nobody says.
	DefaultTrialRows = 10_000
	// DefaultTrialFor is how long it waits for so many rows to come.
	DefaultTrialFor = 15 * time.Second
)

// Trial makes of a worker one that tries a plan on real rows while the job's own workers go on:
//
//	sources   ─► so many rows of each, or as many as there are after a while: from the savepoint on, or from as many before where the job is
//	internal  ─► topics, group and transactional ids of the trial, committed as ever, so that the stages behind have rows
//	outputs   ─► the job's own topics, in transactions of another producer that are aborted at each commit: the brokers have
//	             taken the records, and no reader of committed ones sees any
//
// Where a source has come to its end all windows fire, so their rows are tried too. It is one worker, Ordinal 0, and ends without an error when it is through; what it
// has on Kafka by then is left to whoever has started it. It keeps no snapshots and warms up for nobody. A job whose
// delivery is no transaction has outputs that everybody would see: they are encoded and not written.
type Trial struct {
	// Of names what the job has on Kafka: its group, whose offsets the trial begins at where there is no savepoint, and its savepoints.
	Of physical.Topics
	// Rows is how many offsets the trial reads of all sources together, an equal part of each partition and one at least. It is above 0.
	Rows int64
	// For is how long it waits for so many rows to come: of a source that has no more by then it reads what there is. 0 reads what there is at the
	// beginning.
	For time.Duration
}

// checkTrial makes a trial's configuration of one of a worker.
func (c *Config) checkTrial() error {
	if c.Trial == nil {
		return nil
	}
	switch {
	case c.Trial.Rows < 1:
		return fault.New(fault.User, fault.Place{}, "a trial of %d rows", c.Trial.Rows)
	case c.Trial.Of.Prefix == "" || c.Trial.Of.Prefix == c.Topics.Prefix:
		return fault.New(fault.Bug, fault.Place{}, "a trial on the topics of its job, %s", c.Topics.Prefix)
	case c.Ordinal != 0:
		return fault.New(fault.User, fault.Place{}, "the ordinal of a trial is %d; it is one worker, 0", c.Ordinal)
	}
	c.MaxOrdinal, c.Bounded = 0, true
	c.Snapshots, c.Laps, c.WarmUpLeastBytes, c.ShedLagRecords = Snapshots{}, task.Laps{}, -1, 0
	return nil
}

// job names what the job has on Kafka, whether this is its own worker or a trial.
func (c *Config) job() physical.Topics {
	if c.Trial != nil {
		return c.Trial.Of
	}
	return c.Topics
}

// foothold is what a hand-over goes on from: what the group has committed or, in a trial that begins without a savepoint, so many rows before what the
// job has committed of the same sources. Its state is empty, so it may as well read what is there.
func (w *Worker) foothold(ctx context.Context, admin *kafka.Admin, found []kafka.Committed, b beginnings) ([]kafka.Committed, error) {
	if w.cfg.Trial == nil || b.lived || slices.ContainsFunc(found, func(c kafka.Committed) bool { return c.Offset >= 0 }) {
		return found, nil
	}
	topics := w.cfg.Plan.SourceTopics()
	if len(topics) == 0 {
		return found, nil
	}
	of, err := admin.CommittedSoFar(ctx, w.cfg.Trial.Of.Group(), topics...)
	if err != nil {
		return nil, err
	}
	each, at := w.cfg.Trial.each(len(of)), map[kafka.Partition]int64{}
	for _, c := range of {
		if c.Offset >= 0 {
			at[c.Partition] = max(b.firsts[c.Partition], c.Offset-each)
		}
	}
	list := slices.Clone(found)
	for i, c := range list {
		if offset, ok := at[c.Partition]; ok {
			list[i].Offset, list[i].Metadata = offset, task.Meta{JobEpoch: w.cfg.Epoch, Offset: offset}.Encode()
		}
	}
	return list, nil
}

// bounds gives a source of a trial its end: where its share is read or, where that comes first, the end that the input has once Trial.For is over.
func (s *session) bounds(p kafka.Partition, from, end int64, known bool) (int64, bool) {
	if s.cfg.Trial == nil {
		return end, known
	}
	if _, ok := s.tried[p]; !ok {
		if s.tried == nil {
			s.tried = map[kafka.Partition]int64{}
		}
		s.tried[p] = from + s.share()
	}
	if !known {
		return s.tried[p], true
	}
	return s.within(p, end), true
}

// within is an end of the input, or that of the share which a trial reads.
func (s *session) within(p kafka.Partition, end int64) int64 {
	if at, ok := s.tried[p]; ok {
		return min(at, end)
	}
	return end
}

// share is what a trial reads of each partition.
func (s *session) share() int64 {
	sources := 0
	for i := range s.cfg.Plan.Stages {
		if s.cfg.Plan.Stages[i].Input.Topic != nil {
			sources += s.partitions[s.cfg.input(i)]
		}
	}
	return s.cfg.Trial.each(sources)
}

// each is the share of one of so many partitions.
func (t *Trial) each(partitions int) int64 { return max(1, t.Rows/int64(max(1, partitions))) }

// settles lets the input of a trial come to an end some time after it has begun: a job that keeps up leaves nothing to be read
// else. What it returns ends that.
func (w *Worker) settles() (stop func() bool) {
	if w.cfg.Trial == nil {
		return func() bool { return false }
	}
	complete := make(chan struct{})
	w.cfg.InputComplete = complete
	return time.AfterFunc(w.cfg.Trial.For, func() { close(complete) }).Stop
}

// untried says that a trial has ended before it was through: whoever waits for it must not take that for a pass.
func (w *Worker) untried(err error) error {
	if w.cfg.Trial == nil || err != nil || w.board.phaseNow() == control.Finished {
		return err
	}
	return fault.New(fault.Transient, fault.Place{}, "the trial was ended before it was through")
}
