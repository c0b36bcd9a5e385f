package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/physical"
)

const (
	// savepointPatience is a savepoint's deadline; moveTries is how many are asked for before a job is moved.
	savepointPatience = 20 * time.Second
	moveTries         = 6
)

// era is what the workers run: a move ends one and begins the next.
type era struct {
	epoch    int64 // of the job, and of its state
	parallel int   // maxParallelism
	from     string
}

func (e era) topics() physical.Topics { return physical.Topics{Prefix: prefix, StateEpoch: e.epoch} }

func (e era) plan(job *physical.Plan) (*physical.Plan, error) {
	plan := *job
	plan.MaxParallelism = e.parallel
	return &plan, plan.Seal()
}

func (w *world) now() era {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.era
}

// move stops the job by a savepoint and lets the next one begin from it.
func (w *world) move(ctx context.Context, parallel int) {
	for range moveTries {
		if ctx.Err() != nil {
			return
		}
		if id := w.save(ctx, true); id != "" {
			w.mu.Lock()
			w.era = era{epoch: w.era.epoch + 1, parallel: parallel, from: id}
			w.moved++
			w.mu.Unlock()
			return
		}
	}
}

// save asks for a savepoint and waits for it. It returns its name, or nothing when there will be none.
func (w *world) save(ctx context.Context, stop bool) string {
	made := time.Now()
	id := fmt.Sprintf("sp-%d", made.UnixNano())
	deadline := made.Add(savepointPatience)
	at, said := w.say(ctx, command.Record{Kind: command.Savepoint, ID: id, At: made, Deadline: deadline, Stop: stop}, deadline)
	if !said {
		return ""
	}
	c, err := w.became(ctx, at, id)
	if err != nil && ctx.Err() == nil {
		w.fail("savepoint %s: %v", id, err)
	}
	if c.State != command.Finished {
		return ""
	}
	return id
}

// say appends a record to the job's control topic, once that is there.
func (w *world) say(ctx context.Context, r command.Record, deadline time.Time) (at kafka.Partition, said bool) {
	at = kafka.Partition{Topic: w.now().topics().Control()}
	admin, err := kafka.NewAdmin(w.plain())
	if err != nil {
		w.fail("make a client: %v", err)
		return at, false
	}
	defer admin.Close()
	for ; ctx.Err() == nil; sleep(ctx, time.Second/2) {
		if _, err = admin.Append(ctx, at, r.Encode()); err == nil {
			return at, true
		}
		if time.Now().After(deadline) {
			break
		}
	}
	return at, false
}

// became waits until somebody has said what became of a savepoint.
func (w *world) became(ctx context.Context, at kafka.Partition, id string) (command.Command, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	f, err := kafka.NewFollower(ctx, w.plain(), at)
	if err != nil {
		return command.Command{}, err
	}
	defer f.Close()
	var l command.Log
	for {
		err := f.Poll(ctx, func(offset int64, value []byte) error {
			r, err := command.Decode(value)
			if err == nil {
				l.Add(offset, r)
			}
			return err
		})
		c, _ := l.Find(id)
		switch {
		case err != nil:
			return c, err
		case c.Over():
			return c, nil
		case ctx.Err() != nil:
			return c, errors.New("nobody says what became of it")
		}
	}
}

// plain is a network that nothing happens on.
func (w *world) plain() kafka.Options {
	o := w.options
	o.Dial, o.ClientID = w.net.DialContext, "operator"
	return o
}
