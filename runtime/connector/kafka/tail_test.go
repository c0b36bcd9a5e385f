package kafka_test

import (
	"context"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

func TestATailShowsWhatIsCommittedAsItComes(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		fill(t, o, "first", 1, 3) // and a marker, at 3
		tail, err := kafka.NewTail(o, kafka.Partition{Topic: "in", Number: 1}, 1)
		must(t, err)
		defer tail.Close()
		var seen []int64
		until := func(next int64) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			for tail.Next() < next && ctx.Err() == nil {
				must(t, tail.Poll(ctx, func(offset int64, _ []byte) error {
					seen = append(seen, offset)
					return nil
				}))
			}
			if tail.Next() != next {
				t.Fatalf("at %d, want %d", tail.Next(), next)
			}
		}
		until(4)
		fill(t, o, "second", 1, 2)
		until(7)
		if len(seen) != 4 || seen[0] != 1 || seen[3] != 5 {
			t.Errorf("shown %v", seen)
		}
	})
}

func TestATailThatBeginsBeyondTheLogIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		tail, err := kafka.NewTail(o, kafka.Partition{Topic: "in"}, 99)
		must(t, err)
		defer tail.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for err == nil && ctx.Err() == nil {
			err = tail.Poll(ctx, func(int64, []byte) error { return nil })
		}
		if err == nil {
			t.Error("no error")
		}
	})
}
