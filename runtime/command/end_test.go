package command_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/command"
)

func drain(id string, made int) command.Record {
	return command.Record{Kind: command.Drain, ID: id, At: at(made)}
}

// Each case is a log, and what it says of the end of the job at second 5.
func TestTheLogSaysWhetherTheJobEnds(t *testing.T) {
	cases := map[string]struct {
		records []command.Record
		end     string // empty: none
		ending  bool
		over    bool
		refused string // the reason why "d" is
		saved   string // why there is no savepoint "b"
	}{
		"nobody has asked":                    {},
		"asked for":                           {records: []command.Record{drain("d", 0)}, end: "d", ending: true},
		"asked for twice":                     {records: []command.Record{drain("c", 0), drain("d", 1)}, end: "c", ending: true},
		"a savepoint comes first":             {records: []command.Record{ask("a", 0, 9, false), drain("d", 1)}, end: "d"},
		"and its writing":                     {records: []command.Record{ask("a", 0, 9, false), drain("d", 1), say(command.Cut, "a")}, end: "d"},
		"then the sources end":                {records: []command.Record{ask("a", 0, 9, false), drain("d", 1), say(command.Done, "a")}, end: "d", ending: true},
		"or when its deadline has passed":     {records: []command.Record{ask("a", 0, 4, false), drain("d", 1)}, end: "d", ending: true},
		"a job that is to stop":               {records: []command.Record{ask("a", 0, 9, true), drain("d", 1)}, refused: "to be stopped"},
		"a job that is stopped":               {records: []command.Record{ask("a", 0, 9, true), say(command.Done, "a"), drain("d", 2)}, refused: "is stopped"},
		"a job that goes on after a stop":     {records: []command.Record{ask("a", 0, 9, true), say(command.Done, "a"), say(command.Resume, "a"), drain("d", 2)}, end: "d", ending: true},
		"over":                                {records: []command.Record{drain("d", 0), {Kind: command.Drained, ID: "d", Tasks: 4, Ended: 4}}, end: "d", ending: true, over: true},
		"no savepoint of a job that ends":     {records: []command.Record{drain("d", 0), ask("b", 1, 9, true)}, end: "d", ending: true, saved: "is being drained"},
		"no savepoint of a job that is ended": {records: []command.Record{drain("d", 0), {Kind: command.Drained, ID: "d"}, ask("b", 1, 9, false)}, end: "d", ending: true, over: true, saved: "is drained"},
		"what nobody has asked for":           {records: []command.Record{{Kind: command.Drained, ID: "d"}, {Kind: command.Drained}}},
		"a request without a name":            {records: []command.Record{drain("", 0)}},
		"no way back":                         {records: []command.Record{drain("d", 0), say(command.Resume, "d"), say(command.Aborted, "d")}, end: "d", ending: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := logOf(t, c.records)
			end, asked := l.End()
			if end.ID != c.end || asked != (c.end != "") || end.Over != c.over {
				t.Errorf("the end is %+v", end)
			}
			if l.Ending(at(5)) != c.ending {
				t.Errorf("sources end: %v", !c.ending)
			}
			if why, refused := l.Refused("d"); refused != (c.refused != "") || !strings.Contains(why, c.refused) {
				t.Errorf("refused: %q", why)
			}
			if b, _ := l.Find("b"); c.saved != "" && (b.State != command.Failed || !strings.Contains(b.Reason, c.saved)) {
				t.Errorf("the savepoint is %d, %q", b.State, b.Reason)
			}
		})
	}
}

func TestHowFarTheEndIsCountsUntilItIsThere(t *testing.T) {
	var l command.Log
	l.Add(3, drain("d", 0))
	l.Add(4, command.Record{Kind: command.Draining, ID: "d", Tasks: 8, Ended: 3})
	if end, _ := l.End(); end.Tasks != 8 || end.Ended != 3 || end.Over {
		t.Errorf("%+v", end)
	}
	l.Add(5, command.Record{Kind: command.Drained, ID: "d", Tasks: 8, Ended: 8})
	l.Add(6, command.Record{Kind: command.Draining, ID: "d", Tasks: 8, Ended: 5})
	if end, _ := l.End(); end.Ended != 8 || !end.Over {
		t.Errorf("%+v", end)
	}
}

func TestTheEndMustBeReadByWhoComesLater(t *testing.T) {
	var l command.Log
	l.Add(3, drain("d", 0))
	l.Add(4, command.Record{Kind: command.Drained, ID: "d"})
	if n := l.Needed(9); n != 3 {
		t.Errorf("from %d on", n)
	}
	l = command.Log{}
	l.Add(2, ask("a", 0, 9, false))
	l.Add(3, drain("d", 1))
	if n := l.Needed(9); n != 2 {
		t.Errorf("from %d on, with a savepoint at work", n)
	}
}
