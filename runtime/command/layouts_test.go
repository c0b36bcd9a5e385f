package command_test

import (
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/types"
)

// TestRecordsAreAsTheVersionsBeforeWroteThem holds the text of records to what it was when they were new, and reads it with what a later version
// may add: fields that are passed over.
func TestRecordsAreAsTheVersionsBeforeWroteThem(t *testing.T) {
	made := time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC)
	low := types.Watermark(1_700_000_000_000_000)
	cases := map[string]command.Record{
		`{"layout":1,"kind":"savepoint","id":"a","at":"2026-11-28T07:00:00Z","deadline":"2026-11-28T07:01:00Z","stop":true}`: {
			Kind: command.Savepoint, ID: "a", At: made, Deadline: made.Add(time.Minute), Stop: true,
		},
		`{"layout":1,"kind":"cut","id":"a","at":"2026-11-28T07:00:00Z"}`:                                       {Kind: command.Cut, ID: "a", At: made},
		`{"layout":1,"kind":"done","id":"a","at":"2026-11-28T07:00:00Z","rows":7,"bytes":99}`:                  {Kind: command.Done, ID: "a", At: made, Rows: 7, Bytes: 99},
		`{"layout":1,"kind":"aborted","id":"a","at":"2026-11-28T07:00:00Z","reason":"no room"}`:                {Kind: command.Aborted, ID: "a", At: made, Reason: "no room"},
		`{"layout":1,"kind":"resume","id":"a","at":"2026-11-28T07:00:00Z"}`:                                    {Kind: command.Resume, ID: "a", At: made},
		`{"layout":1,"kind":"positions","at":"2026-11-28T07:00:00Z","low":1700000000000000,"unread":{"x":70}}`: {Kind: command.Positions, At: made, Low: &low, Unread: map[string]int64{"x": 70}},
	}
	for text, r := range cases {
		t.Run(string(r.Kind), func(t *testing.T) {
			if got := string(r.Encode()); got != text {
				t.Errorf("wrote\n%s\nwant\n%s", got, text)
			}
			for _, read := range []string{text, `{"colour":{"red":[1]},` + text[1:]} {
				back, err := command.Decode([]byte(read))
				if err != nil {
					t.Fatal(err)
				}
				if got := string(back.Encode()); got != text {
					t.Errorf("%s: read, and wrote\n%s", read, got)
				}
			}
		})
	}
}

// TestAKindThatIsNotKnownChangesNothing: a later version may say more than this one understands.
func TestAKindThatIsNotKnownChangesNothing(t *testing.T) {
	r, err := command.Decode([]byte(`{"layout":1,"kind":"colour","id":"a","at":"2026-11-28T07:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	var log command.Log
	log.Add(0, ask("a", 0, 9, false))
	log.Add(1, r)
	if c, ok := log.Active(at(5)); !ok || c.ID != "a" || c.State != command.Cutting || log.Held(at(5)) != 1 {
		t.Errorf("after a record of a kind that is not known: %+v, %v", c, ok)
	}
}
