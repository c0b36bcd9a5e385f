package worker

import (
	"log/slog"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/command"
)

// A task may come with a cut from a worker that has heard of a savepoint before us.
func TestATaskWithACutThatWasNotHeardOfIsHeld(t *testing.T) {
	s := &session{Worker: &Worker{log: slog.New(slog.DiscardHandler)}, commands: &commands{}}
	hear := func(offset int64, r command.Record) {
		t.Helper()
		if err := s.hear(offset, r.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Unix(1000, 0)
	held := func(cut, want int64) {
		t.Helper()
		if got := s.commands.orders(now).heldFor(cut); got != want {
			t.Errorf("a task with the cut %d is held for %d, want %d", cut, got, want)
		}
	}
	held(0, 0)
	held(1, 1) // the record of its savepoint, at offset 0, was not read yet
	hear(0, command.Record{Kind: command.Savepoint, ID: "a", At: now, Deadline: now.Add(time.Minute)})
	held(0, 1)
	held(1, 1)
	hear(1, command.Record{Kind: command.Done, ID: "a"})
	held(0, 0)
	held(1, 0)
	held(3, 3)
	if err := s.hear(2, []byte("not ours")); err != nil {
		t.Fatal(err)
	}
	held(3, 0) // whatever it is, it was read
}
