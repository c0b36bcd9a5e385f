package operatortest

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

const randomRuns = 60

// Case is an operator and its input.
type Case struct {
	// New makes the operator.
	New func(late operator.LateRows, bad operator.BadRows) (operator.Operator, error)
	// Backend makes an empty state backend; needed when the operator has state.
	Backend func() state.Backend
	// Codec, when not nil, moves the state by way of a savepoint's rows now and then.
	Codec operator.StateCodec
	// Input is all rows, without a selection. The harness sets the offsets to the rows' numbers.
	Input *batch.Batch
	// Watermarks are told before the rows of their numbers, in order; the end of the input is told at the end.
	Watermarks []Watermark
}

// Watermark is told before a row.
type Watermark struct {
	Row int
	At  types.Watermark
}

// Result is what came out.
type Result struct {
	// Rows are the emitted rows as text; columns are parted by blanks, byte strings quoted.
	Rows []string
	// Bad are the rows that could not be processed: number and cause.
	Bad []string
	// Late is the number of late rows; Lateness the largest.
	Late     int
	Lateness int64
}

// Run runs the case in all ways, expects the same result of each, and returns it.
func Run(t *testing.T, c Case) Result {
	t.Helper()
	c.Input.Offsets = c.Input.Offsets[:0]
	for row := range c.Input.Length {
		c.Input.Offsets = append(c.Input.Offsets, int64(row))
	}
	whole := play(t, &c, plan{size: func() int { return c.Input.Length }})
	same := func(got Result, how string, x any) {
		t.Helper()
		if !slices.Equal(got.Rows, whole.Rows) || !slices.Equal(got.Bad, whole.Bad) || got.Late != whole.Late || got.Lateness != whole.Lateness {
			t.Fatalf("%s %v: got %+v\nwhole: %+v", how, x, got, whole)
		}
	}
	for size := 1; size < c.Input.Length; size = max(size+1, size*3/2) {
		same(play(t, &c, plan{size: func() int { return size }}), "batches of", size)
	}
	for seed := range uint64(randomRuns) {
		rng := rand.New(rand.NewPCG(seed, 3))
		same(play(t, &c, plan{size: func() int { return 1 + rng.IntN(20) }, rng: rng, noise: seed%2 == 1}), "cut at random, seed", seed)
	}
	return whole
}
