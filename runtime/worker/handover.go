package worker

import (
	"context"
	"slices"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
)

const handOverPoll = 200 * time.Millisecond

// handOver returns when the group's offsets are of our epoch, with the number of partitions that the epoch has of each
// input. Worker 0 makes them so: it ends the workers of lower epochs and stamps every partition. The others wait. It
// joins nothing, because a member of an old epoch in an empty group would keep the new ones out.
//
// The look at the stamp waits for no transaction. Pending offsets may be those of our own last life, whose transaction
// nobody ends before we have joined; they hide no stamp, which belongs to no transaction.
func (w *Worker) handOver(ctx context.Context, admin *kafka.Admin) (map[string]int, error) {
	begin := time.Now()
	for said := false; ; {
		found, is, err := w.look(ctx, admin)
		if w.early(err) && time.Since(begin) < firstContact {
			err = nil
		}
		if err != nil {
			return nil, err
		}
		if is == stamped {
			return partitionsOf(found), admin.VerifyInternal(ctx, w.cfg.internal())
		}
		if w.cfg.Ordinal == 0 {
			if err := w.takeOver(ctx, admin); err != nil {
				return nil, err
			}
			continue
		}
		if !said {
			said = true
			w.board.phase(control.Waiting)
			w.log.Info("waiting for worker 0 to hand the job over", "epoch", w.cfg.Epoch)
		}
		if err := wait(ctx, handOverPoll); err != nil {
			return nil, err
		}
	}
}

// look reads the group's offsets, and says what they are to this worker.
func (w *Worker) look(ctx context.Context, admin *kafka.Admin) ([]kafka.Committed, standing, error) {
	found, err := admin.CommittedSoFar(ctx, w.cfg.Topics.Group(), w.cfg.inputs()...)
	if err != nil {
		return nil, unstamped, err
	}
	is, err := judge(found, w.cfg.Epoch)
	if err == nil && is == grown {
		is, err = w.growth(found)
	}
	return found, is, err
}

// early says that the error may be that of a job's very first start: worker 0 makes the internal topics, and the others
// can be there before them.
func (w *Worker) early(err error) bool {
	return w.cfg.Ordinal > 0 && !w.begun && fault.KindOf(err) == fault.User
}

// growth says what partitions mean that were added under the epoch. With an operator they are left to the next epoch,
// and the worker goes on with those that it has. Without one, a worker that starts hands the epoch over once more, and
// one that has worked already ends.
func (w *Worker) growth(found []kafka.Committed) (standing, error) {
	counts := partitionsOf(found)
	for _, c := range found {
		if c.Offset >= 0 {
			continue
		}
		switch {
		case w.cfg.Operated:
			w.log.Warn("partitions were added; the next epoch takes them up", "topic", c.Topic, "from", c.Number, "partitions", counts[c.Topic])
			return stamped, nil
		case w.begun:
			return unstamped, added(c.Partition)
		}
	}
	return unstamped, nil
}

func added(p kafka.Partition) error {
	return fault.New(fault.User, fault.Place{}, "%s was added while the job runs", p).Do("start the job again: it takes up the partition from its first record")
}

// takeOver ends all lower epochs and writes the first offsets of ours. It is idempotent: the offsets are one write, and
// a group with a member in it takes none.
func (w *Worker) takeOver(ctx context.Context, admin *kafka.Admin) error {
	if err := admin.Fence(ctx, w.cfg.group()); err != nil {
		return err
	}
	b, err := w.beginnings(ctx, admin)
	if err != nil {
		return err
	}
	found, err := admin.Committed(ctx, w.cfg.Topics.Group(), w.cfg.inputs()...)
	if err != nil {
		return err
	}
	list, err := w.firstOffsets(ctx, admin, found, b)
	if err != nil {
		return err
	}
	w.log.Info("the job is handed over", "epoch", w.cfg.Epoch, "partitions", len(list))
	err = admin.Stamp(ctx, w.cfg.Topics.Group(), list)
	if fault.KindOf(err) == fault.Fenced { // a member slipped in after the fence; the next look says of which epoch
		return wait(ctx, handOverPoll)
	}
	return err
}

// firstOffsets returns the offsets that the epoch begins with: what is committed or, where the state epoch begins with a
// savepoint, what that says. Once the state epoch has committed anything the savepoint counts no more.
func (w *Worker) firstOffsets(ctx context.Context, admin *kafka.Admin, found []kafka.Committed, b beginnings) ([]kafka.Committed, error) {
	if w.cfg.Savepoints.RestoreFrom == "" || b.lived || committedSince(found, w.cfg.Topics.StateEpoch) {
		found, err := w.foothold(ctx, admin, found, b)
		if err != nil {
			return nil, err
		}
		return stamps(found, w.cfg.Epoch, w.cfg.Topics.StateEpoch, b)
	}
	r, err := w.restoration(ctx)
	if err == nil && w.cfg.Savepoints.RestoreExactly {
		err = r.stands(found)
	}
	if err != nil {
		return nil, err
	}
	w.log.Info("the job begins from a savepoint", "id", r.id)
	return r.stamps(found, w.cfg.Epoch, b, w.cfg.exchanges())
}

// committedSince says whether a task has committed in a state epoch: in job epochs before it there was another one.
func committedSince(found []kafka.Committed, stateEpoch int64) bool {
	return slices.ContainsFunc(found, func(c kafka.Committed) bool {
		m, err := metaOf(c)
		return c.Offset >= 0 && err == nil && m.JobEpoch >= stateEpoch && m.Seq > 0
	})
}

func (w *Worker) beginnings(ctx context.Context, admin *kafka.Admin) (b beginnings, err error) {
	if b.firsts, err = admin.Starts(ctx, w.cfg.inputs()...); err != nil {
		return b, err
	}
	b.starts = b.firsts
	if w.cfg.StartFrom == spec.StartLatest {
		if b.starts, err = admin.Ends(ctx, w.cfg.inputs()...); err != nil {
			return b, err
		}
	}
	b.internal = map[string]bool{}
	for i, s := range w.cfg.Plan.Stages {
		b.internal[w.cfg.input(i)] = s.Input.Exchange != nil || s.Input.Topic.Nexmark != nil
	}
	ends, err := admin.Ends(ctx, append(w.cfg.changelogs(), w.cfg.Topics.Commits())...)
	for _, end := range ends {
		b.lived = b.lived || end > 0
	}
	return b, err
}

// wait pauses for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
