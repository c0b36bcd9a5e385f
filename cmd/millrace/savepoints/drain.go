package savepoints

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/fault"
)

// drained is what Drain prints as JSON.
type drained struct {
	Job   string `json:"job"`
	Tasks int    `json:"tasks"`
}

// Drain asks a job to end its sources and to write out all that is open, and waits for that. A job that was asked already is waited
// for. That it is not there within the time is an error, and the job goes on with it.
func Drain(ctx context.Context, r Request) error {
	if r.Within <= 0 {
		return fault.New(fault.User, fault.InField("--timeout"), "a job takes time to end: %v is too short", r.Within)
	}
	now := time.Now()
	r.ID = fmt.Sprintf("drain-%s-%s", now.UTC().Format("20060102T150405Z"), rand.Text()[:6])
	var end command.End
	err := r.with(ctx, func(j *asked) error {
		if err := j.say(ctx, command.Record{Kind: command.Drain, ID: r.ID, At: now}); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, r.Within)
		defer cancel()
		var err error
		end, err = j.awaitEnd(ctx)
		return err
	})
	switch {
	case err != nil:
		return err
	case r.Layout == JSON:
		o := Options{Stdout: r.Stdout}
		return o.printJSON(drained{Job: r.Job, Tasks: end.Tasks})
	}
	_, err = fmt.Fprintf(r.Stdout, "%s is drained\n", r.Job)
	return err
}

// awaitEnd reads the control topic until the job has ended, or does not.
func (j *asked) awaitEnd(ctx context.Context) (end command.End, err error) {
	said, refused := "", ""
	err = j.follow(ctx, func(log *command.Log) bool {
		refused, _ = log.Refused(j.ID)
		end, _ = log.End()
		if text := ends(end, log.Ending(time.Now())); end.ID != "" && text != said {
			said = text
			_, _ = fmt.Fprintf(j.Stderr, "%s: %s\n", j.Job, said)
		}
		return end.Over || refused != ""
	})
	switch {
	case errors.Is(err, errSilent):
		return end, fault.New(fault.Transient, fault.Place{}, "the job is not drained yet: does it run?").
			Do("it goes on with that, now or when it is started; ask again to wait for it")
	case refused != "":
		return end, fault.New(fault.User, fault.Place{}, "the job is not drained: %s", refused).Do("`millrace savepoint resume` lets it go on; then drain it")
	}
	return end, err
}

// ends says how far the end of a job is.
func ends(end command.End, ending bool) string {
	switch {
	case !ending:
		return "the savepoint that is at work comes first"
	case end.Tasks == 0:
		return "the sources end, and windows fire"
	default:
		return fmt.Sprintf("%d of %d tasks have ended", end.Ended, end.Tasks)
	}
}
