package savepoints

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/savepoint"
)

// Request asks a running job for something, by its control topic.
type Request struct {
	// Brokers and Security are how to reach Kafka.
	Brokers  []string
	Security secretfile.Files
	// Job is the prefix of the job's names on Kafka.
	Job string
	// ID names the savepoint; empty is a new name.
	ID string
	// Stop keeps the job's sources held once the savepoint is there.
	Stop bool
	// Within is how long the job has for it; afterwards it goes on without. A drain goes on, and is waited for no longer.
	Within time.Duration
	// Layout is how the result is printed.
	Layout Layout
	// Stdout takes the result, Stderr what goes on.
	Stdout, Stderr io.Writer
}

// answerPatience is what comes on top of the time that a job has: somebody must say what became of it.
const answerPatience = 30 * time.Second

// created is what Create prints as JSON.
type created struct {
	Job   string `json:"job"`
	ID    string `json:"id"`
	Stop  bool   `json:"stop"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
}

// Create asks a job for a savepoint, waits for it, and prints its id. That there will be none is an error.
func Create(ctx context.Context, r Request) error {
	if r.Within <= 0 {
		return fault.New(fault.User, fault.InField("--within"), "a savepoint takes time: %v is too short", r.Within)
	}
	if r.ID == "" {
		var random [3]byte
		_, _ = rand.Read(random[:]) // it never fails
		r.ID = savepoint.NewID(time.Now(), random)
	}
	if err := savepoint.CheckID(r.ID); err != nil {
		return err
	}
	now := time.Now()
	var made command.Command
	err := r.with(ctx, func(j *asked) error {
		if err := j.say(ctx, command.Record{Kind: command.Savepoint, ID: r.ID, At: now, Deadline: now.Add(r.Within), Stop: r.Stop}); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, r.Within+answerPatience)
		defer cancel()
		var err error
		made, err = j.await(ctx)
		return err
	})
	switch {
	case err != nil:
		return err
	case made.State == command.Failed:
		return fault.New(fault.Transient, fault.Place{}, "the savepoint %s was not made: %s", r.ID, made.Reason)
	case r.Layout == JSON:
		o := Options{Stdout: r.Stdout}
		return o.printJSON(created{Job: r.Job, ID: r.ID, Stop: r.Stop, Rows: made.Rows, Bytes: made.Bytes})
	}
	_, err = fmt.Fprintln(r.Stdout, r.ID)
	return err
}

// Resume lets a job go on that a savepoint has stopped, or was to.
func Resume(ctx context.Context, r Request) error {
	if err := savepoint.CheckID(r.ID); err != nil {
		return err
	}
	return r.with(ctx, func(j *asked) error {
		if err := j.say(ctx, command.Record{Kind: command.Resume, ID: r.ID, At: time.Now()}); err != nil {
			return err
		}
		_, err := fmt.Fprintf(r.Stdout, "%s goes on\n", r.Job)
		return err
	})
}

// asked is a job that is asked for something.
type asked struct {
	Request
	options kafka.Options
	admin   *kafka.Admin
	topic   kafka.Partition
}

// with finds the job's control topic for a function.
func (r *Request) with(ctx context.Context, do func(j *asked) error) error {
	if r.Job == "" {
		return fault.New(fault.User, fault.InField("--job"), "says whom to ask, and is missing").Do("write --job CLUSTER.NAMESPACE.NAME, the prefix of the job's names on Kafka")
	}
	if len(r.Brokers) == 0 || r.Brokers[0] == "" {
		return fault.New(fault.User, fault.InField("--kafka"), "says where the job's Kafka is, and is missing").Do("write --kafka HOST:PORT")
	}
	security, err := r.Security.Security()
	if err != nil {
		return err
	}
	j := &asked{Request: *r, options: kafka.Options{Brokers: r.Brokers, Security: security, ClientID: "millrace"}}
	if j.admin, err = kafka.NewAdmin(j.options); err != nil {
		return err
	}
	defer j.admin.Close()
	names, err := j.admin.Topics(ctx, r.Job+".")
	if err != nil {
		return err
	}
	topics, ok := physical.NewestTopics(r.Job, names)
	if !ok {
		return fault.New(fault.User, fault.InField("--job"), "no job %s has run on this Kafka: there is no control topic of it", r.Job).
			Do("write the prefix of the job's names on Kafka, CLUSTER.NAMESPACE.NAME, as `kafka-topics --list` shows it; a job whose plan is of format %d has none yet, and gets one when its query changes", physical.OldestFormat)
	}
	j.topic = kafka.Partition{Topic: topics.Control()}
	return do(j)
}

// say appends a record.
func (j *asked) say(ctx context.Context, r command.Record) error {
	_, err := j.admin.Append(ctx, j.topic, r.Encode())
	return err
}

// await reads the control topic until somebody says what became of the savepoint.
func (j *asked) await(ctx context.Context) (c command.Command, err error) {
	said := command.State(0)
	err = j.follow(ctx, func(log *command.Log) bool {
		c, _ = log.Find(j.ID)
		if !c.Over() && c.State != said {
			said = c.State
			_, _ = fmt.Fprintf(j.Stderr, "savepoint %s: %s\n", j.ID, doing(c))
		}
		return c.Over()
	})
	if errors.Is(err, errSilent) {
		err = fault.New(fault.Transient, fault.Place{}, "nobody says what became of the savepoint %s: does the job run?", j.ID).
			Do("`millrace savepoint list` shows it once it is there")
	}
	return c, err
}

// errSilent says that nobody said in time what was waited for.
var errSilent = errors.New("nobody says so")

// follow reads the control topic until look has seen enough of what it says, or ctx ends: then the error is errSilent.
func (j *asked) follow(ctx context.Context, look func(log *command.Log) (enough bool)) error {
	f, err := kafka.NewFollower(ctx, j.options, j.topic)
	if err != nil {
		return err
	}
	defer f.Close()
	var log command.Log
	for {
		err := f.Poll(ctx, func(offset int64, value []byte) error {
			log.Take(offset, value)
			return nil
		})
		switch {
		case err != nil:
			return err
		case look(&log):
			return nil
		case ctx.Err() != nil:
			return errSilent
		}
	}
}

func doing(c command.Command) string {
	if c.State == command.Writing {
		return "all tasks are cut, their state is being written"
	}
	return "the sources are held until all tasks are cut"
}
