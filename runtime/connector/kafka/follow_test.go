package kafka_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

func TestWhoFollowsAPartitionSeesWhatIsAppendedAndKnowsWhenItHasCaughtUp(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		a := admin(t, o)
		defer a.Close()
		log := kafka.Partition{Topic: "log", Number: 1}
		appendOne := func(value string, want int64) {
			t.Helper()
			if at, err := a.Append(t.Context(), log, []byte(value)); err != nil || at != want {
				t.Errorf("%s is at %d, %v", value, at, err)
			}
		}
		empty, err := kafka.NewFollower(t.Context(), o, log)
		must(t, err)
		if !empty.CaughtUp() {
			t.Error("an empty log is not read to its end")
		}
		empty.Close()

		appendOne("a", 0)
		appendOne("b", 1)
		f, err := kafka.NewFollower(t.Context(), o, log)
		must(t, err)
		defer f.Close()
		if f.CaughtUp() {
			t.Error("caught up with nothing read")
		}
		var got []string
		see := func(want ...string) {
			t.Helper()
			for begin := time.Now(); !slices.Equal(got, want) && time.Since(begin) < time.Minute; {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				must(t, f.Poll(ctx, func(offset int64, value []byte) error {
					if offset != int64(len(got)) {
						t.Errorf("%s is shown at %d", value, offset)
					}
					got = append(got, string(value))
					return nil
				}))
				cancel()
			}
			if !slices.Equal(got, want) {
				t.Errorf("saw %q, want %q", got, want)
			}
		}
		see("a", "b")
		if !f.CaughtUp() {
			t.Error("not caught up with all read")
		}
		appendOne("c", 2)
		see("a", "b", "c")
	})
}
