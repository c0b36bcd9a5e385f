package watermark_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

func TestEachRowSeesTheWatermarkBeforeIt(t *testing.T) {
	cases := map[string]struct {
		times    []int64
		nulls    []bool
		disorder int64
		before   []types.Watermark
		after    types.Watermark
	}{
		"in order":                       {[]int64{1, 2, 3}, nil, 0, []types.Watermark{types.NoWatermark, 1, 2}, 3},
		"disorder is taken off":          {[]int64{10, 30, 20}, nil, 5, []types.Watermark{types.NoWatermark, 5, 25}, 25},
		"a NULL time moves nothing":      {[]int64{10, 99, 20}, []bool{false, true, false}, 0, []types.Watermark{types.NoWatermark, 10, 10}, 20},
		"no row may claim the end":       {[]int64{math.MaxInt64}, nil, 0, []types.Watermark{types.NoWatermark}, types.EndOfInput - 1},
		"the far past does not wrap":     {[]int64{math.MinInt64 + 1}, nil, 5, []types.Watermark{types.NoWatermark}, types.NoWatermark},
		"a single row in the far future": {[]int64{1000, 1}, nil, 10, []types.Watermark{types.NoWatermark, 990}, 990},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := watermark.NewSource(c.disorder, 0)
			plain := s
			if got := s.ObserveEach(c.times, c.nulls, nil); !slices.Equal(got, c.before) || s.Watermark() != c.after {
				t.Errorf("got %v then %d, want %v then %d", got, s.Watermark(), c.before, c.after)
			}
			if plain.Observe(c.times, c.nulls); plain.Watermark() != c.after {
				t.Errorf("in one go %d, want %d", plain.Watermark(), c.after)
			}
		})
	}
}

func TestIdleNeedsSilenceWithoutBacklog(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	s := watermark.NewSource(0, 30*time.Second)
	ticks := []struct {
		second   int
		caughtUp bool
		idle     bool
	}{{0, true, false}, {29, true, false}, {30, false, false}, {31, true, false}, {60, true, false}, {61, true, true}, {62, false, true}}
	for _, k := range ticks {
		s.Tick(at(k.second), k.caughtUp)
		if s.Idle() != k.idle {
			t.Fatalf("second %d: idle %v", k.second, s.Idle())
		}
	}
	if s.Active(); s.Idle() {
		t.Error("still idle with rows")
	}
	never := watermark.NewSource(0, 0)
	never.Tick(at(0), true)
	if never.Tick(at(1e6), true) {
		t.Error("idle without a timeout")
	}
}

func TestChannels(t *testing.T) {
	say := func(marks ...watermark.Mark) func(*watermark.Channels) {
		return func(c *watermark.Channels) {
			for _, m := range marks {
				c.Update(m)
			}
		}
	}
	grow := func(n int) func(*watermark.Channels) { return func(c *watermark.Channels) { c.Grow(n) } }
	cases := map[string]struct {
		steps []func(*watermark.Channels)
		want  types.Watermark
		idle  bool
	}{
		"nothing heard":                         {nil, types.NoWatermark, false},
		"one channel is silent":                 {steps(grow(2), say(watermark.Mark{Channel: 0, Watermark: 9})), types.NoWatermark, false},
		"the minimum counts":                    {steps(grow(2), say(watermark.Mark{Channel: 0, Watermark: 9}, watermark.Mark{Channel: 1, Watermark: 5})), 5, false},
		"an idle one holds nothing back":        {steps(grow(2), say(watermark.Mark{Channel: 0, Watermark: 9}, watermark.Mark{Channel: 1, Watermark: 5, Idle: true})), 9, false},
		"all idle: the furthest":                {steps(grow(2), say(watermark.Mark{Channel: 0, Watermark: 9, Idle: true}, watermark.Mark{Channel: 1, Watermark: 5, Idle: true})), 9, true},
		"one that wakes does not move it back":  {steps(grow(2), say(watermark.Mark{Channel: 0, Watermark: 9}, watermark.Mark{Channel: 1, Watermark: 5, Idle: true}), read, say(watermark.Mark{Channel: 1, Watermark: 6})), 9, false},
		"an older statement does not":           {steps(grow(1), say(watermark.Mark{Watermark: 9}, watermark.Mark{Watermark: 4})), 9, false},
		"a new channel waits for nobody":        {steps(grow(1), say(watermark.Mark{Watermark: 9}), grow(2), say(watermark.Mark{Watermark: 12})), 12, false},
		"a lower source epoch changes nothing":  {steps(grow(2), say(watermark.Mark{Watermark: 9}), grow(1)), types.NoWatermark, false},
		"a channel that nobody has is left out": {steps(grow(1), say(watermark.Mark{Channel: 7, Watermark: 9})), types.NoWatermark, false},
		"a former owner makes nobody idle":      {steps(grow(2), say(watermark.Mark{Channel: 0, Watermark: 9, Owner: 3}, watermark.Mark{Channel: 1, Watermark: 5, Owner: 6}, watermark.Mark{Channel: 1, Watermark: 5, Idle: true, Owner: 5})), 5, false},
		"nor does it wake anybody":              {steps(grow(2), say(watermark.Mark{Channel: 0, Watermark: 9, Owner: 3}, watermark.Mark{Channel: 1, Watermark: 5, Idle: true, Owner: 6}, watermark.Mark{Channel: 1, Watermark: 4, Owner: 5})), 9, false},
		"but what it has seen counts":           {steps(grow(2), say(watermark.Mark{Channel: 0, Watermark: 9, Owner: 3}, watermark.Mark{Channel: 1, Watermark: 5, Owner: 6}, watermark.Mark{Channel: 1, Watermark: 7, Idle: true, Owner: 5})), 7, false},
		"the next owner says what it likes":     {steps(grow(1), say(watermark.Mark{Watermark: 5, Owner: 6}, watermark.Mark{Watermark: 7, Idle: true, Owner: 8})), 7, true},
		"one whose transaction it is does, too": {steps(grow(1), say(watermark.Mark{Watermark: 5, Owner: 6}, watermark.Mark{Watermark: 7, Idle: true})), 7, true},
		"the end of all":                        {steps(grow(1), say(watermark.Mark{Watermark: types.EndOfInput})), types.EndOfInput, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var v, restored watermark.Channels
			for _, s := range c.steps {
				s(&v)
			}
			if v.Watermark() != c.want || v.Idle() != c.idle {
				t.Errorf("got %d, idle %v; want %d, %v", v.Watermark(), v.Idle(), c.want, c.idle)
			}
			if err := restored.Decode(v.Append(nil)); err != nil || restored.Watermark() != c.want || restored.Idle() != c.idle || restored.Len() != v.Len() {
				t.Errorf("restored %d, idle %v, %v", restored.Watermark(), restored.Idle(), err)
			}
		})
	}
}

// TestAFormerOwnerIsStillKnownAfterARestore restores the vector between the statements.
func TestAFormerOwnerIsStillKnownAfterARestore(t *testing.T) {
	var c, restored watermark.Channels
	c.Grow(1)
	c.Update(watermark.Mark{Watermark: 5, Owner: 300})
	if err := restored.Decode(c.Append(nil)); err != nil {
		t.Fatal(err)
	}
	if restored.Update(watermark.Mark{Watermark: 5, Idle: true, Owner: 299}); restored.Idle() {
		t.Error("a former owner has made the channel idle")
	}
}

func steps(list ...func(*watermark.Channels)) []func(*watermark.Channels) { return list }

// read looks at the watermark, as a task does after each record.
func read(c *watermark.Channels) { c.Watermark() }

func TestADamagedVectorIsRefused(t *testing.T) {
	var c, d watermark.Channels
	c.Grow(5)
	c.Update(watermark.Mark{Channel: 3, Watermark: 77, Idle: true})
	c.Update(watermark.Mark{Channel: 4, Watermark: 78, Idle: true, Owner: 300})
	whole := c.Append(nil)
	for n := range whole {
		if err := d.Decode(whole[:n]); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2000 { // anything else is read or refused, without a panic
		b := slices.Clone(whole)
		b[rng.IntN(len(b))] = byte(rng.IntN(256))
		_ = d.Decode(b)
	}
}
