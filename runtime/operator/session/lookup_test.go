package session_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/session"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

const lookupPrefix = "op\x00"

type ignored struct{}

func (ignored) Bad(*batch.Batch, int, error) error { return nil }
func (ignored) Late(int, int64)                    {}
func (ignored) Push(*batch.Batch) error            { return nil }

// emitted sorts rows by their key, the first column: key, start, end, count.
type emitted map[int64][][3]int64

func (e emitted) Push(b *batch.Batch) error {
	for row := range b.Length {
		k := b.Columns[0].Int64[row]
		if b.Columns[0].IsNull(row) {
			k = -1
		}
		e[k] = append(e[k], [3]int64{b.Columns[1].Int64[row], b.Columns[2].Int64[row], b.Columns[3].Int64[row]})
	}
	return nil
}

// A look finds the sessions that an operator which goes on from the last commit would emit, also of keys that were put out of
// memory, and nothing of what is open.
func TestALookFindsWhatWouldBeEmitted(t *testing.T) {
	for seed := range uint64(8) {
		p := newLookupPlay(t, seed)
		for range 25 {
			p.step()
		}
		if p.sessions == 0 || p.several == 0 {
			t.Errorf("seed %d: found %d sessions, %d keys with several", seed, p.sessions, p.several)
		}
	}
}

type lookupPlay struct {
	t                          *testing.T
	rng                        *rand.Rand
	c                          session.Config
	store                      state.Store
	view                       *state.View
	op                         *session.Session
	l                          *session.Lookup
	now, commits               int64
	sessions, several, keysMax int
}

func newLookupPlay(t *testing.T, seed uint64) *lookupPlay {
	t.Helper()
	p := &lookupPlay{t: t, rng: rand.New(rand.NewPCG(seed, 4)), c: config(colInt), keysMax: 8}
	p.c.Calls = []accumulator.Call{count()}
	if seed%2 == 1 {
		p.c.MemoryBytes, p.keysMax = 64<<10, 2000 // keys are put out
	}
	var err error
	if p.store, err = backend().Open("s/0"); err != nil {
		t.Fatal(err)
	}
	p.view = state.NewView(p.store, []byte(lookupPrefix))
	if p.op, err = session.New(p.c, ignored{}, ignored{}); err == nil {
		err = p.op.Open(p.view)
	}
	if err == nil {
		p.l, err = session.NewLookup(p.c, []byte(lookupPrefix))
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *lookupPlay) step() {
	p.t.Helper()
	var list []row
	for range 1 + p.rng.IntN(min(4*p.keysMax, 2000)) {
		p.now += p.rng.Int64N(2)
		list = append(list, row{k: int64(p.rng.IntN(p.keysMax)), time: p.now + p.rng.Int64N(6*gap), own: none, mark: none})
	}
	in := caseOf(p.t, list).Input
	if p.rng.IntN(2) == 0 {
		in.Columns[colInt].SetNull(0)
	}
	if p.keysMax > 100 {
		p.now += gap / 3
	} else {
		p.now += p.rng.Int64N(gap)
	}
	err := p.op.Push(in, ignored{})
	if err == nil && p.rng.IntN(2) == 0 {
		err = p.op.Advance(types.Watermark(p.now), ignored{})
	}
	if err == nil && p.rng.IntN(3) > 0 {
		p.commits++
		if err = p.op.Flush(); err == nil {
			_, err = p.view.Seal()
		}
		if err == nil {
			err = p.view.Commit(state.Position{Commit: p.commits, Offset: p.commits})
		}
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.compare()
}

// compare looks at each key.
func (p *lookupPlay) compare() {
	p.t.Helper()
	other, err := session.New(p.c, ignored{}, ignored{})
	if err == nil {
		err = other.Open(state.NewView(p.store, []byte(lookupPrefix)))
	}
	want := emitted{}
	if err == nil {
		err = other.Advance(types.EndOfInput, want)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	for range 8 {
		key := &batch.Batch{Length: 1, Columns: make([]batch.Vector, 1)}
		key.Columns[0].Reset(types.BigInt)
		k := int64(p.rng.IntN(p.keysMax+1)) - 1
		if k < 0 {
			key.Columns[0].AppendNull()
		} else {
			key.Columns[0].AppendInt64(k)
		}
		bounds := operator.Bounds{Windows: 1 << 20, Reads: 1 << 20, Bytes: 1 << 30, Over: func() bool { return false }}
		found, err := p.l.Look(p.store, key, bounds)
		if err != nil {
			p.t.Fatal(err)
		}
		var got [][3]int64
		for i, end := range found.Ends {
			got = append(got, [3]int64{found.Starts[i], end, found.Values.Columns[0].Int64[i]})
		}
		if !slices.Equal(got, want[k]) || found.More {
			p.t.Fatalf("key %d: %s\nwant %s", k, fmt.Sprint(got), fmt.Sprint(want[k]))
		}
		p.sessions += len(got)
		if len(got) > 1 {
			p.several++
			bounds.Windows = 1
			if found, err = p.l.Look(p.store, key, bounds); err != nil || len(found.Ends) != 1 || found.Ends[0] != got[0][1] || !found.More {
				p.t.Fatalf("one of %v: %+v %v", got, found, err)
			}
		}
	}
}
