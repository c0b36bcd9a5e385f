package command

import "time"

// mostKept bounds how many savepoints that are over a Log remembers.
const mostKept = 64

// State is how far a savepoint is.
type State uint8

// The states. Cutting and Writing go on; the others are the end.
const (
	Cutting  State = iota + 1 // tasks are being cut, the sources are held
	Writing                   // all tasks are cut
	Finished                  // the manifest is written
	Failed                    // there will be none
)

// Command is a savepoint that was asked for.
type Command struct {
	// ID names it, and Number is what tasks call it: one more than the offset of the record that asks for it.
	ID     string
	Number int64
	// At is when it was asked for.
	At time.Time
	// Stop keeps the sources held after it.
	Stop     bool
	Deadline time.Time
	State    State
	// Reason says why it has failed.
	Reason string
	// Rows and Bytes are what it holds, once Finished.
	Rows, Bytes int64

	resumed bool
}

// Over says that nothing is to be done for it any more.
func (c *Command) Over() bool { return c.State == Finished || c.State == Failed }

// Log is what the records of a control topic have made so far, in their order. The zero value is that of an empty topic. Not
// safe for concurrent use.
type Log struct {
	commands  []Command
	positions Record
	end       End
	refused   []refusal
}

// Take takes what lies at an offset. A record that can't be read says nothing: it is of another version.
func (l *Log) Take(offset int64, value []byte) {
	if r, err := Decode(value); err == nil {
		l.Add(offset, r)
	}
}

// Add takes the record at an offset. A record that says nothing new is left out: the first word on a savepoint counts.
func (l *Log) Add(offset int64, r Record) {
	switch r.Kind {
	case Savepoint:
		l.begin(offset, r)
	case Cut:
		if c := l.find(r.ID); c != nil && c.State == Cutting {
			c.State = Writing
		}
	case Done:
		if c := l.find(r.ID); c != nil && !c.Over() {
			c.State, c.Rows, c.Bytes = Finished, r.Rows, r.Bytes
		}
	case Aborted:
		if c := l.find(r.ID); c != nil && !c.Over() {
			c.State, c.Reason = Failed, r.Reason
		}
	case Positions:
		l.positions = r
	case Drain, Draining, Drained:
		l.takeEnd(offset, r)
	case Resume:
		l.resume(r.ID)
	}
}

// resume takes that a job is told to go on which a savepoint has stopped, or was to.
func (l *Log) resume(id string) {
	if c := l.find(id); c != nil {
		c.resumed = true
		if !c.Over() {
			c.State, c.Reason = Failed, "the job was told to go on"
		}
	}
}

// begin takes a savepoint that is asked for. There is one at a time: another one that is asked for meanwhile has failed.
func (l *Log) begin(offset int64, r Record) {
	if r.ID == "" || l.find(r.ID) != nil {
		return
	}
	c := Command{ID: r.ID, Number: offset + 1, At: r.At, Stop: r.Stop, Deadline: r.Deadline, State: Cutting}
	for i := range l.commands {
		switch last := &l.commands[i]; {
		case !last.Over() && r.At.Before(last.Deadline):
			c.State, c.Reason = Failed, "the savepoint "+last.ID+" is being written"
		case !last.Over():
			last.State, last.Reason = Failed, "its deadline has passed"
		case last.holds() && c.State != Failed:
			c.State, c.Reason = Failed, "the job is stopped by the savepoint "+last.ID
		}
	}
	if why := l.end.refuses(); why != "" && c.State != Failed {
		c.State, c.Reason = Failed, why
	}
	l.commands = append(l.commands, c)
	if len(l.commands) > mostKept {
		l.commands = append(l.commands[:0], l.commands[len(l.commands)-mostKept:]...)
	}
}

// holds says that the savepoint is done and has stopped the job.
func (c *Command) holds() bool { return c.State == Finished && c.Stop && !c.resumed }

func (l *Log) find(id string) *Command {
	for i := range l.commands {
		if l.commands[i].ID == id {
			return &l.commands[i]
		}
	}
	return nil
}

// Find returns a savepoint by its name.
func (l *Log) Find(id string) (Command, bool) {
	if c := l.find(id); c != nil {
		return *c, true
	}
	return Command{}, false
}

// Active returns the savepoint that the job is at work for. Past its deadline there is none, whether anybody has said so or
// not: workers that hear of nothing go on by themselves.
func (l *Log) Active(now time.Time) (Command, bool) {
	for i := range l.commands {
		if c := l.commands[i]; !c.Over() && now.Before(c.Deadline) {
			return c, true
		}
	}
	return Command{}, false
}

// Expired returns a savepoint whose deadline has passed and of which nobody has said so.
func (l *Log) Expired(now time.Time) (Command, bool) {
	for i := range l.commands {
		if c := l.commands[i]; !c.Over() && !now.Before(c.Deadline) {
			return c, true
		}
	}
	return Command{}, false
}

// positionsCount is how long what was said of positions counts: whoever says nothing for so long may be gone, and nothing is held
// back for it.
const positionsCount = 10 * time.Second

// Positions returns the last word on how far the tasks are, if it counts still.
func (l *Log) Positions(now time.Time) (r Record, ok bool) {
	if l.positions.Kind != Positions || now.Sub(l.positions.At) >= positionsCount {
		return Record{}, false
	}
	return l.positions, true
}

// Needed returns the offset of the oldest record that whoever reads the log from there must see; end is the offset after the
// last.
func (l *Log) Needed(end int64) int64 {
	if l.end.ID != "" {
		end = l.end.Number - 1
	}
	for i := range l.commands {
		if c := &l.commands[i]; !c.Over() || c.holds() {
			return min(end, c.Number-1)
		}
	}
	return end
}

// Held returns the number of the savepoint for which the sources are held, or 0: until all tasks are cut, or, if it is to
// stop the job, for good.
func (l *Log) Held(now time.Time) int64 {
	if c, ok := l.Active(now); ok {
		if c.State == Cutting || c.Stop {
			return c.Number
		}
		return 0
	}
	for i := range l.commands {
		if l.commands[i].holds() {
			return l.commands[i].Number
		}
	}
	return 0
}
