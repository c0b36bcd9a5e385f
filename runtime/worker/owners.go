package worker

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
)

const ownersKept = time.Second

// owners is who has which partition, as the group said last. Turn guards the rest.
type owners struct {
	turn turn
	at   time.Time
	by   map[kafka.Partition]string
}

func newOwners() owners { return owners{turn: newTurn()} }

// of returns the instance that has a partition, empty for none.
func (o *owners) of(ctx context.Context, admin *kafka.Admin, group string, p kafka.Partition) (string, error) {
	select {
	case o.turn <- struct{}{}:
		defer o.turn.give()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if now := time.Now(); o.by == nil || now.Sub(o.at) >= ownersKept {
		by, err := admin.Owners(ctx, group)
		if err != nil {
			return "", err
		}
		o.at, o.by = now, by
	}
	return o.by[p], nil
}

// elsewhere says where a partition is whose task is not here.
func (w *Worker) elsewhere(ctx context.Context, p kafka.Partition) error {
	admin := w.asking.admin.Load()
	if admin == nil {
		return &control.NotNowError{Why: "the worker has no connection to its group"}
	}
	instance, err := w.asking.owners.of(ctx, admin, w.cfg.Topics.Group(), p)
	switch {
	case err != nil:
		w.log.Warn("the group does not say who has a partition", "partition", p, "cause", err)
		return &control.NotNowError{Why: "the group does not say who has the key"}
	case instance == w.cfg.Topics.InstanceID(w.cfg.Ordinal):
		return &control.NotNowError{Why: "the key's partition is being restored"}
	}
	n, err := strconv.Atoi(strings.TrimPrefix(instance, w.cfg.Topics.Group()+"."))
	if err != nil || n < 0 {
		return &control.NotNowError{Why: "the key's partition is being given to a worker"}
	}
	return &control.ElsewhereError{Worker: n, Instance: instance}
}
