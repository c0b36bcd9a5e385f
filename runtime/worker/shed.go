package worker

import "github.com/millrace/millrace/runtime/fault"

// shedShare is how far behind its end a source is that has skipped ahead: one part of so many of what it may be. So it has room
// to fall behind again, and does not skip with each poll.
const shedShare = 2

// shed lets sources skip ahead that are further behind their ends than the job allows. It is between two batches, and part of the
// next commit: what is left out, and that it was, counts with the offsets or not at all. Of a source that was not fetched from
// since it is here the member does not know yet where to begin. The caller has the turn.
func (s *session) shed() error {
	if s.cfg.ShedLagRecords == 0 {
		return nil
	}
	for p, t := range s.tasks {
		if !t.source || !t.fetched || t.mustSeek || t.shut() {
			continue
		}
		from := t.Position()
		to, far := skipAhead(from, t.end, s.cfg.ShedLagRecords)
		if !far {
			continue
		}
		if err := t.Skip(to); err != nil {
			return err
		}
		t.mustSeek = true
		s.log.Warn("a source is too far behind and skips ahead", "topic", p.Topic, "partition", p.Number, "lag", t.end-from, "from", from, "to", to, "left_out", to-from)
	}
	return nil
}

// skipAhead says where a source goes on that is at a position, if it is further behind the end than most.
func skipAhead(position, end, most int64) (to int64, far bool) {
	if end-position <= most {
		return position, false
	}
	return end - most/shedShare, true
}

// checkShedding refuses to leave out what can't be, or is not to be.
func (c *Config) checkShedding() error {
	made := c.Plan.MadeTopics()
	switch {
	case c.ShedLagRecords == 0:
	case c.ShedLagRecords < 0:
		return fault.New(fault.User, fault.InField("spec.overload"), "a lag of %d offsets is none", c.ShedLagRecords)
	case len(made) > 0:
		return fault.New(fault.User, fault.InField("spec.overload"), "the rows of %s are made as they are due: none can be left out", made[0]).Do("take the field out")
	case c.Bounded || c.Ends != nil:
		return fault.New(fault.User, fault.InField("spec.overload"), "a bounded input is read to its end, and nothing of it is left out").Do("take the field out")
	}
	return nil
}
