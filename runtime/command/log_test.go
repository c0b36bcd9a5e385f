package command_test

import (
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/types"
)

func at(second int) time.Time { return time.Unix(1000+int64(second), 0) }

func ask(id string, made, deadline int, stop bool) command.Record {
	return command.Record{Kind: command.Savepoint, ID: id, At: at(made), Deadline: at(deadline), Stop: stop}
}

func say(kind command.Kind, id string) command.Record { return command.Record{Kind: kind, ID: id} }

// Each case is a log, what is active and held at second 5, and how the savepoint "a" stands.
func TestTheLogSaysWhatTheJobIsToDo(t *testing.T) {
	cases := map[string]struct {
		records      []command.Record
		active       string
		held         int64
		state        command.State
		reason       string
		otherwiseNot string // the reason of "b"
	}{
		"asked for":                            {records: []command.Record{ask("a", 0, 9, false)}, active: "a", held: 1, state: command.Cutting},
		"cut: the sources go on":               {records: []command.Record{ask("a", 0, 9, false), say(command.Cut, "a")}, active: "a", held: 0, state: command.Writing},
		"cut, and the job is to stop":          {records: []command.Record{ask("a", 0, 9, true), say(command.Cut, "a")}, active: "a", held: 1, state: command.Writing},
		"done":                                 {records: []command.Record{ask("a", 0, 9, false), say(command.Done, "a")}, state: command.Finished},
		"done, and the job is stopped":         {records: []command.Record{ask("a", 0, 9, true), say(command.Done, "a")}, held: 1, state: command.Finished},
		"stopped past the deadline":            {records: []command.Record{ask("a", 0, 3, true), say(command.Done, "a")}, held: 1, state: command.Finished},
		"resumed":                              {records: []command.Record{ask("a", 0, 9, true), say(command.Done, "a"), say(command.Resume, "a")}, state: command.Finished},
		"resumed before it is done":            {records: []command.Record{ask("a", 0, 9, true), say(command.Resume, "a"), say(command.Done, "a")}, state: command.Failed, reason: "go on"},
		"aborted":                              {records: []command.Record{ask("a", 0, 9, false), {Kind: command.Aborted, ID: "a", Reason: "no room"}}, state: command.Failed, reason: "no room"},
		"the first word counts":                {records: []command.Record{ask("a", 0, 9, false), say(command.Done, "a"), say(command.Aborted, "a")}, state: command.Finished},
		"the deadline has passed":              {records: []command.Record{ask("a", 0, 4, false)}, state: command.Cutting},
		"one at a time":                        {records: []command.Record{ask("a", 0, 9, false), ask("b", 1, 9, false)}, active: "a", held: 1, state: command.Cutting, otherwiseNot: "being written"},
		"the next one after the deadline":      {records: []command.Record{ask("a", 0, 2, false), ask("b", 3, 9, false)}, active: "b", held: 2, state: command.Failed, reason: "deadline"},
		"none for a job that is stopped":       {records: []command.Record{ask("a", 0, 9, true), say(command.Done, "a"), ask("b", 3, 9, false)}, held: 1, state: command.Finished, otherwiseNot: "stopped"},
		"the same once more":                   {records: []command.Record{ask("a", 0, 9, false), ask("a", 1, 4, true)}, active: "a", held: 1, state: command.Cutting},
		"what nobody has asked for is nothing": {records: []command.Record{say(command.Done, "x"), ask("a", 0, 9, false)}, active: "a", held: 2, state: command.Cutting},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := logOf(t, c.records)
			active, ok := l.Active(at(5))
			if active.ID != c.active || ok != (c.active != "") {
				t.Errorf("active: %q", active.ID)
			}
			if held := l.Held(at(5)); held != c.held {
				t.Errorf("held for %d, want %d", held, c.held)
			}
			a, _ := l.Find("a")
			if a.State != c.state || !strings.Contains(a.Reason, c.reason) {
				t.Errorf("a is %d, %q", a.State, a.Reason)
			}
			if b, _ := l.Find("b"); c.otherwiseNot != "" && (b.State != command.Failed || !strings.Contains(b.Reason, c.otherwiseNot)) {
				t.Errorf("b is %d, %q", b.State, b.Reason)
			}
		})
	}
}

func TestPositionsCountForAWhile(t *testing.T) {
	var l command.Log
	if _, ok := l.Positions(at(5)); ok {
		t.Error("there are none")
	}
	low := types.Watermark(42)
	r, err := command.Decode(command.Record{Kind: command.Positions, At: at(5), Low: &low, Unread: map[string]int64{"x": 3}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	l.Add(0, r)
	if p, ok := l.Positions(at(14)); !ok || *p.Low != 42 || p.Unread["x"] != 3 {
		t.Errorf("%+v, %v", p, ok)
	}
	if _, ok := l.Positions(at(15)); ok {
		t.Error("they count though nobody has said anything for ten seconds")
	}
}

func TestWhatIsNotOverMustBeReadByWhoComesLater(t *testing.T) {
	var l command.Log
	l.Add(3, ask("a", 0, 9, false))
	l.Add(4, say(command.Done, "a"))
	if n := l.Needed(5); n != 5 {
		t.Errorf("from %d on, with nothing to do", n)
	}
	l.Add(5, ask("b", 10, 19, true))
	l.Add(6, say(command.Done, "b"))
	if n := l.Needed(7); n != 5 {
		t.Errorf("from %d on, with a job that is stopped", n)
	}
}

func TestARecordThatIsNotOursIsRefused(t *testing.T) {
	for _, text := range []string{"", "x", `{"layout":2}`, `"` + strings.Repeat("x", 20<<10) + `"`} {
		if _, err := command.Decode([]byte(text)); err == nil {
			t.Errorf("%.20q was taken", text)
		}
	}
	long := command.Record{Kind: command.Aborted, Reason: strings.Repeat("x", 1<<20)}
	if _, err := command.Decode(long.Encode()); err != nil {
		t.Error(err)
	}
}

// logOf is what a reader makes of records, as they are on the topic.
func logOf(t *testing.T, records []command.Record) *command.Log {
	t.Helper()
	l := &command.Log{}
	for i, r := range records {
		read, err := command.Decode(r.Encode())
		if err != nil {
			t.Fatal(err)
		}
		l.Add(int64(i), read)
	}
	return l
}
