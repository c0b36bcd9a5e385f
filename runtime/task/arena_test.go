package task_test

import (
	"testing"

	"github.com/millrace/millrace/runtime/task"
)

// answers are those of a producer that a test plays.
type answers struct{ emitted, answered int64 }

func (a *answers) Emitted() int64 { return a.emitted }

func (a *answers) Answered() int64 { return a.answered }

// fill emits n values of 100 KiB and returns where each lies.
func (a *answers) fill(arena *task.Arena, n int) []*byte {
	const valueBytes = 100 << 10
	var at []*byte
	for range n {
		v := arena.Keep(append(arena.Tail(valueBytes), make([]byte, valueBytes)...))
		at = append(at, &v[0])
		a.emitted++
	}
	return at
}

func TestAnArenaUsesAgainWhatIsAnswered(t *testing.T) {
	producer := &answers{}
	arena := &task.Arena{Answers: producer}
	first := producer.fill(arena, 4) // two chunks
	seen := map[*byte]bool{}
	for _, at := range first {
		seen[at] = true
	}
	for n, at := range producer.fill(arena, 20) {
		if seen[at] {
			t.Fatalf("the value %d lies where an unanswered one is", n)
		}
	}
	producer.answered = 3 // the second chunk has an unanswered value
	again := producer.fill(arena, 4)
	if again[0] != first[0] || again[1] != first[1] {
		t.Error("the first chunk is not used again")
	}
	if again[2] == first[2] {
		t.Error("the second chunk is used again, its last value is unanswered")
	}
	places := map[*byte]bool{}
	for range 1000 {
		for _, at := range producer.fill(arena, 2) {
			places[at] = true
		}
		producer.answered = producer.emitted
	}
	if len(places) > 40 {
		t.Errorf("2000 values lie at %d places, though all but two are answered always", len(places))
	}
}

func TestAnArenaWithoutAnswersUsesNothingAgainBeforeTheTransactionIsOver(t *testing.T) {
	producer, arena := &answers{}, &task.Arena{}
	seen := map[*byte]bool{}
	for _, at := range producer.fill(arena, 50) {
		if seen[at] {
			t.Fatal("two values lie at one place")
		}
		seen[at] = true
	}
	arena.Recycle()
	if !seen[producer.fill(arena, 1)[0]] {
		t.Error("the memory of the first transaction is not used again")
	}
}
