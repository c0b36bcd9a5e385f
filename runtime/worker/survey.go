package worker

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

const (
	// surveyEvery is how often the coordinator looks how far the tasks are, and repeatEvery how often it says so again while that
	// holds somebody back: the word of one who is gone counts no more after a while.
	surveyEvery = 250 * time.Millisecond
	repeatEvery = 3 * time.Second
	// worthSaying is how many records an exchange must hold back for that to be said: no exchange of so few is long.
	worthSaying = 64
	// controlKept is how long records of the control topic are kept, at least, for whoever waits for what becomes of a request.
	controlKept = 10 * time.Minute
)

// survey is what the coordinator knows of how far the tasks are.
type survey struct {
	next, said time.Time
	last       command.Record
	looked     bool
	commits    int64 // of this worker, when it looked last
	// kept is the offset behind which the control topic will be deleted, and since when it is known.
	kept   int64
	keptAt time.Time
}

// look says in the control topic how far the tasks are, where that holds somebody back.
func (v *survey) look(ctx context.Context, s *session, now time.Time) error {
	if now.Before(v.next) || s.cfg.MaxWatermarkDrift == 0 && len(s.cfg.exchanges()) == 0 {
		return nil
	}
	v.next = now.Add(surveyEvery)
	commits, all := s.board.committed()
	if all && v.looked && commits == v.commits && v.last.Low == nil && len(v.last.Unread) == 0 {
		return nil // nobody was held back, and nothing has moved: an idle job asks its brokers nothing
	}
	r, err := s.positions(ctx)
	if err != nil {
		return err
	}
	v.looked, v.commits = true, commits
	if same := samePositions(r, v.last); same && (now.Sub(v.said) < repeatEvery || r.Low == nil && len(r.Unread) == 0) {
		return nil
	}
	v.last, v.said = r, now
	return s.tell(ctx, r)
}

// forget deletes what of the control topic nobody needs any more.
func (v *survey) forget(ctx context.Context, s *session, now time.Time) error {
	if now.Sub(v.keptAt) < controlKept {
		return nil
	}
	before, first := v.kept, v.keptAt.IsZero()
	v.kept, v.keptAt = s.commands.needed(), now
	if first || before == 0 {
		return nil
	}
	return s.admin.DeleteBefore(ctx, map[kafka.Partition]int64{{Topic: s.cfg.Topics.Control()}: before})
}

// positions reads how far the tasks have committed, and how much their exchanges hold.
func (s *session) positions(ctx context.Context) (r command.Record, err error) {
	ctx, cancel := context.WithTimeout(ctx, shortRequest)
	defer cancel()
	found, err := s.admin.CommittedSoFar(ctx, s.cfg.Topics.Group(), s.cfg.inputs()...)
	if err != nil {
		return r, err
	}
	all, err := metas(found)
	if err != nil {
		return r, err
	}
	exchanges := s.cfg.exchanges()
	ends, err := s.admin.Ends(ctx, slices.Sorted(maps.Keys(exchanges))...)
	if err != nil {
		return r, err
	}
	return judgePositions(all, ends, exchanges, s.cfg.MaxWatermarkDrift > 0), nil
}

// judgePositions makes the record. Exchanges names them by their topics; all other topics are sources.
func judgePositions(all map[kafka.Partition]task.Meta, ends map[kafka.Partition]int64, exchanges map[string]string, aligned bool) command.Record {
	r := command.Record{Kind: command.Positions}
	for at, m := range all {
		x, ok := exchanges[at.Topic]
		switch {
		case ok && ends[at] > m.Offset:
			if r.Unread == nil {
				r.Unread = map[string]int64{}
			}
			r.Unread[x] += ends[at] - m.Offset
		case ok || !aligned || m.Idle || m.Seq == 0 && m.Restored == "" || m.Watermark == types.NoWatermark || m.Watermark == types.EndOfInput:
		case r.Low == nil || m.Watermark < *r.Low:
			w := m.Watermark
			r.Low = &w
		}
	}
	maps.DeleteFunc(r.Unread, func(_ string, n int64) bool { return n < worthSaying })
	return r
}

func samePositions(a, b command.Record) bool {
	if (a.Low == nil) != (b.Low == nil) || a.Low != nil && *a.Low != *b.Low {
		return false
	}
	return maps.Equal(a.Unread, b.Unread)
}

// exchanges names the plan's exchanges by their topics.
func (c *Config) exchanges() map[string]string {
	names := map[string]string{}
	for _, s := range c.Plan.Stages {
		if x := s.Input.Exchange; x != nil {
			names[c.Topics.Exchange(x.Name)] = x.Name
		}
	}
	return names
}
