package kafkaadmin

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
)

// Savepoint says what became of a savepoint that was asked for, by the job's control topic. One that is finished counts as such while the job
// stands there: sources are the topics whose offsets must be those of the cut.
func (c *Cluster) Savepoint(ctx context.Context, names physical.Topics, id string, now time.Time, sources []string) (lifecycle.Savepoint, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	log, err := c.commands(ctx, names)
	if err != nil {
		return lifecycle.Savepoint{}, err
	}
	asked, found := log.Find(id)
	_, busy := log.Active(now)
	switch {
	case !found && busy:
		return lifecycle.Savepoint{State: lifecycle.SavepointBusy}, nil
	case !found:
		return lifecycle.Savepoint{State: lifecycle.SavepointAbsent}, nil
	case asked.State == command.Failed:
		return lifecycle.Savepoint{State: lifecycle.SavepointFailed, Reason: asked.Reason}, nil
	case asked.State != command.Finished:
		return lifecycle.Savepoint{State: lifecycle.SavepointAsked}, nil
	case log.Held(now) != asked.Number:
		return lifecycle.Savepoint{State: lifecycle.SavepointFailed, Reason: "the job was told to go on"}, nil
	}
	metas, err := c.metas(ctx, names.Group(), sources)
	if err != nil {
		return lifecycle.Savepoint{}, err
	}
	if slices.ContainsFunc(metas, func(m task.Meta) bool { return m.Cut.ID != asked.Number || m.Offset != m.Cut.Offset }) {
		return lifecycle.Savepoint{State: lifecycle.SavepointFailed, Reason: "the job had gone on before it was finished"}, nil
	}
	return lifecycle.Savepoint{State: lifecycle.SavepointFinished, Rows: asked.Rows, Bytes: asked.Bytes}, nil
}

// RequestSavepoint asks a job to stop at a savepoint by the deadline, unless it was asked for that already.
func (c *Cluster) RequestSavepoint(ctx context.Context, names physical.Topics, id string, now, deadline time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	log, err := c.commands(ctx, names)
	if err != nil {
		return err
	}
	if _, found := log.Find(id); found {
		return nil
	}
	return c.say(ctx, names, command.Record{Kind: command.Savepoint, ID: id, At: now, Deadline: deadline, Stop: true})
}

// ResumeJob lets a job go on that was asked to stop at a savepoint, or was to be: a request that is still on its way counts for nothing when it
// arrives after another one of its id.
func (c *Cluster) ResumeJob(ctx context.Context, names physical.Topics, id string, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	log, err := c.commands(ctx, names)
	if err != nil {
		return err
	}
	if _, found := log.Find(id); !found {
		if err := c.say(ctx, names, command.Record{Kind: command.Savepoint, ID: id, At: now, Deadline: now, Stop: true}); err != nil {
			return err
		}
	}
	return c.say(ctx, names, command.Record{Kind: command.Resume, ID: id, At: now})
}

// commands reads a job's control topic, which holds what was said in the last minutes and what still counts.
func (c *Cluster) commands(ctx context.Context, names physical.Topics) (*command.Log, error) {
	log := &command.Log{}
	err := c.jobs.Read(ctx, kafka.Partition{Topic: names.Control()}, func(offset int64, value []byte) error {
		log.Take(offset, value)
		return nil
	})
	return log, c.wrapJob(err, "READ of the topic "+names.Control())
}

func (c *Cluster) say(ctx context.Context, names physical.Topics, r command.Record) error {
	_, err := c.jobs.Append(ctx, kafka.Partition{Topic: names.Control()}, r.Encode())
	return c.wrapJob(err, "WRITE of the topic "+names.Control())
}

// Commits says whether a source has committed since a job's state epoch began. Sources are the topics that they read.
func (c *Cluster) Commits(ctx context.Context, names physical.Topics, sources []string) (lifecycle.Commits, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	metas, err := c.metas(ctx, names.Group(), sources)
	if err != nil {
		return lifecycle.CommitsUnknown, err
	}
	if slices.ContainsFunc(metas, func(m task.Meta) bool { return m.JobEpoch >= names.StateEpoch && m.Seq > 0 }) {
		return lifecycle.CommitsSome, nil
	}
	return lifecycle.CommitsNone, nil
}

// Tried says whether all sources of a trial have taken over their state, and one of them has committed.
func (c *Cluster) Tried(ctx context.Context, names physical.Topics, sources []string) (lifecycle.Commits, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	metas, err := c.metas(ctx, names.Group(), sources)
	if err != nil {
		return lifecycle.CommitsUnknown, err
	}
	some := slices.ContainsFunc(metas, func(m task.Meta) bool { return m.Seq > 0 })
	if some && !slices.ContainsFunc(metas, func(m task.Meta) bool { return m.Seq > 0 && m.Restored != "" }) {
		return lifecycle.CommitsSome, nil
	}
	return lifecycle.CommitsNone, nil
}

// metas returns what tasks say of their commits in the offsets of the topics, in no order.
func (c *Cluster) metas(ctx context.Context, group string, topics []string) ([]task.Meta, error) {
	if len(topics) == 0 {
		return nil, fault.New(fault.Bug, fault.Place{}, "a job that reads nothing") // the library would list the offsets of all topics
	}
	committed, err := c.admin.FetchOffsetsForTopics(fresh(ctx), group, topics...)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, c.wrap(err, "read the offsets of "+group, "DESCRIBE of the group "+group)
	}
	var list []task.Meta
	committed.Each(func(o kadm.OffsetResponse) {
		if o.At < 0 || err != nil {
			return
		}
		var m task.Meta
		if m, err = task.DecodeMeta(o.Metadata); err == nil {
			list = append(list, m)
		}
	})
	return list, err
}

// DropState deletes the internal topics of a job's state epochs before one, as far as they are in its record.
func (c *Cluster) DropState(ctx context.Context, remains lifecycle.Remains, stateEpoch int64) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	remains.LastEpoch = stateEpoch - 1
	if remains.LastEpoch == 0 {
		return nil
	}
	topics, err := c.internal(ctx, remains)
	if err != nil || len(topics) == 0 {
		return err
	}
	return c.wrapJob(c.jobs.DeleteTopics(ctx, topics...), "DELETE of the topics that begin with "+remains.Prefix)
}
