package worker

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
)

// commands is what the job is asked for, as its control topic says. A goroutine reads the topic; whoever looks gets what it has
// read so far. It is safe for concurrent use.
type commands struct {
	mu   sync.Mutex
	log  command.Log
	read int64 // the offset after the last record that was read
}

// orders are what a worker does now.
type orders struct {
	// held is the savepoint that tasks are to be cut for, and sources to be held; 0 is none.
	held int64
	// active is the savepoint that is at work; its Number is 0 when there is none.
	active command.Command
	// read is how far the control topic was read: a savepoint with a higher number may be at work, and is not known here.
	read int64
	// positions is how far the job's tasks are; the zero value where that is not known.
	positions command.Record
	// end is what the job comes to, if that was asked for, and ending says that sources end now.
	end    command.End
	ending bool
	// expired is one whose deadline has passed, and nobody has said so.
	expired command.Command
}

// heldFor returns the savepoint that a task is held for. One that it has been cut for, and that was not heard of here yet, counts: another
// worker has, and who goes on where that one has stopped would put rows of after the cut before it.
func (o orders) heldFor(cut int64) int64 {
	if cut > o.read {
		return cut
	}
	return o.held
}

func (c *commands) orders(now time.Time) (o orders) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o.held, o.read = c.log.Held(now), c.read
	o.active, _ = c.log.Active(now)
	o.expired, _ = c.log.Expired(now)
	o.end, _ = c.log.End()
	o.ending = c.log.Ending(now)
	o.positions, _ = c.log.Positions(now)
	return o
}

// needed returns the offset of the oldest record that whoever reads the topic later must see.
func (c *commands) needed() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.Needed(c.read)
}

// follow starts to read the control topic, and returns when all was read that it held: a task that is opened must know whether
// it is held. The reading goes on until life ends.
func (s *session) follow(ctx, life context.Context) error {
	s.commands = &commands{}
	if !s.cfg.Plan.HasControl() {
		s.commands.read = math.MaxInt64 // there is nothing to hear of
		return nil
	}
	f, err := kafka.NewFollower(ctx, s.cfg.Kafka, kafka.Partition{Topic: s.cfg.Topics.Control()})
	if err != nil {
		return err
	}
	for !f.CaughtUp() && err == nil {
		if err = f.Poll(ctx, s.hear); err == nil {
			err = context.Cause(ctx)
		}
	}
	if err != nil {
		f.Close()
		return err
	}
	s.working.Go(func() {
		defer f.Close()
		for life.Err() == nil {
			if err := f.Poll(life, s.hear); err != nil {
				s.log.Error("the control topic is read no further: savepoints wait for the next session", "cause", err)
				return
			}
		}
	})
	return nil
}

// hear takes a record of the control topic. One that is not ours to read is left out: the topic is open to operators of later
// versions.
func (s *session) hear(offset int64, value []byte) error {
	r, err := command.Decode(value)
	s.commands.mu.Lock()
	defer s.commands.mu.Unlock()
	s.commands.read = offset + 1
	if err != nil {
		s.log.Warn("a record of the control topic is left out", "offset", offset, "cause", err)
		return nil
	}
	s.commands.log.Add(offset, r)
	return nil
}
