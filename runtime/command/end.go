package command

import "time"

// End is the end of a job that was asked for. There is one at most, and no way back.
type End struct {
	// ID names it, and Number is one more than the offset of the record that asks for it.
	ID     string
	Number int64
	// At is when it was asked for.
	At time.Time
	// Over says that all tasks have come to their ends, and that it is committed.
	Over bool
	// Tasks are those of the job, and Ended how many of them were at their ends when that was said last; 0 before.
	Tasks, Ended int
}

// refusal is a request for a job's end that is not granted.
type refusal struct{ id, reason string }

// takeEnd takes a record about the job's end.
func (l *Log) takeEnd(offset int64, r Record) {
	switch {
	case r.Kind == Drain:
		l.drain(offset, r)
	case r.ID == l.end.ID && r.ID != "" && !l.end.Over:
		l.end.Tasks, l.end.Ended, l.end.Over = r.Tasks, r.Ended, r.Kind == Drained
	}
}

// drain takes a request for the job's end. The first one counts, and later ones wait for the same end; a job that is, or is to
// be, stopped by a savepoint does not end.
func (l *Log) drain(offset int64, r Record) {
	if r.ID == "" || l.end.ID != "" {
		return
	}
	for i := range l.commands {
		switch c := &l.commands[i]; {
		case c.holds():
			l.refuse(r.ID, "the job is stopped by the savepoint "+c.ID)
			return
		case !c.Over() && c.Stop && r.At.Before(c.Deadline):
			l.refuse(r.ID, "the job is to be stopped by the savepoint "+c.ID)
			return
		}
	}
	l.end = End{ID: r.ID, Number: offset + 1, At: r.At}
}

func (l *Log) refuse(id, reason string) {
	l.refused = append(l.refused, refusal{id, reason})
	if len(l.refused) > mostKept {
		l.refused = append(l.refused[:0], l.refused[len(l.refused)-mostKept:]...)
	}
}

// End returns the end that the job comes to, or has come to, if it was asked for.
func (l *Log) End() (End, bool) { return l.end, l.end.ID != "" }

// Ending says that sources end now: a savepoint that is at work comes first, so that it is one of a job that can go on.
func (l *Log) Ending(now time.Time) bool {
	_, saving := l.Active(now)
	return l.end.ID != "" && !saving
}

// Refused says why a request for the job's end is not granted, if it is not.
func (l *Log) Refused(id string) (reason string, refused bool) {
	for _, r := range l.refused {
		if r.id == id {
			return r.reason, true
		}
	}
	return "", false
}

// refuses says why a job that ends makes no savepoint; empty where it does not end.
func (e *End) refuses() string {
	switch {
	case e.ID == "":
		return ""
	case e.Over:
		return "the job is drained"
	default:
		return "the job is being drained"
	}
}
