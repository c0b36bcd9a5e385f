package operatortest

import (
	"math/rand/v2"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Where the state is.
const (
	task        = "stage/0"
	statePrefix = "op/"
)

// plan is one way to run a case.
type plan struct {
	size func() int
	// rng, when not nil, chooses what happens to the state between batches.
	rng *rand.Rand
	// noise puts rows that are not selected among the others.
	noise bool
}

// player runs a case. The first fields are where it stands; saved is where it stood at the last commit.
type player struct {
	t    *testing.T
	c    *Case
	plan plan

	row, told int
	watermark types.Watermark
	record    recorder
	saved     struct {
		row, told int
		watermark types.Watermark
		result    Result
	}

	op      operator.Operator
	backend state.Backend
	store   state.Store
	view    *state.View
	commits int64
}

func play(t *testing.T, c *Case, how plan) Result {
	t.Helper()
	p := &player{t: t, c: c, plan: how, watermark: types.NoWatermark}
	p.saved.watermark = types.NoWatermark
	if c.Backend != nil {
		p.backend = c.Backend()
	}
	p.open()
	for p.row < c.Input.Length {
		p.tell()
		n := p.until()
		p.must(p.op.Push(p.batch(p.row, p.row+n), &p.record))
		p.row += n
		if how.rng != nil && p.store != nil {
			p.disturb()
		}
	}
	p.tell()
	p.watermark = types.EndOfInput
	p.advance(types.EndOfInput)
	if p.store != nil {
		p.commit()
		p.expectEmpty()
		p.must(p.store.Close())
		p.must(p.backend.Close())
	}
	return p.record.result
}

func (p *player) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// tell tells the watermarks that are due before the next row.
func (p *player) tell() {
	p.t.Helper()
	for ; p.told < len(p.c.Watermarks) && p.c.Watermarks[p.told].Row <= p.row; p.told++ {
		p.watermark = p.c.Watermarks[p.told].At
		p.advance(p.watermark)
	}
}

// advance tells a watermark, as often as it takes, with what may happen to an operator with state in between.
func (p *player) advance(w types.Watermark) {
	p.t.Helper()
	p.must(p.op.Advance(w, &p.record))
	g, ok := p.op.(operator.Gradual)
	for ok && g.Behind() {
		if p.plan.rng != nil && p.plan.rng.IntN(2) == 0 {
			p.commit()
			if p.plan.rng.IntN(2) == 0 {
				p.must(p.store.Close())
				p.open()
				g = p.op.(operator.Gradual) //nolint:forcetypeassert // as before
				p.must(g.Resume(w))
			}
		}
		p.must(g.Continue(&p.record))
	}
}

// until returns the size of the next batch, which ends before the next watermark.
func (p *player) until() int {
	end := p.c.Input.Length
	if p.told < len(p.c.Watermarks) {
		end = min(end, p.c.Watermarks[p.told].Row)
	}
	return min(p.plan.size(), end-p.row)
}

// open makes the operator, over what the backend holds.
func (p *player) open() {
	p.t.Helper()
	op, err := p.c.New(&p.record, &p.record)
	p.must(err)
	p.op = op
	stateful, ok := op.(operator.Stateful)
	if !ok {
		return
	}
	if p.store, err = p.backend.Open(task); err != nil {
		p.t.Fatal(err)
	}
	p.view = state.NewView(p.store, []byte(statePrefix))
	p.must(stateful.Open(p.view))
}

// disturb does what may happen to an operator with state between two batches.
func (p *player) disturb() {
	p.t.Helper()
	stateful := p.op.(operator.Stateful) //nolint:forcetypeassert // there is a store only for such
	const ways, savepoint = 6, 6
	n := ways
	if p.c.Codec != nil {
		n++
	}
	switch p.plan.rng.IntN(n) {
	case 0:
		p.must(stateful.Flush())
	case 1:
		p.commit()
	case 2:
		p.commit()
		p.must(p.store.Close())
		p.open()
		p.must(p.op.Advance(p.watermark, &p.record))
	case 3:
		p.view.Rollback()
		p.must(stateful.Reset())
		p.row, p.told, p.watermark = p.saved.row, p.saved.told, p.saved.watermark
		p.record.result = p.saved.result.clone()
		p.must(p.op.Advance(p.watermark, &p.record))
	case savepoint:
		p.savepoint()
	default:
	}
}

func (p *player) commit() {
	p.t.Helper()
	stateful := p.op.(operator.Stateful) //nolint:forcetypeassert // there is a store only for such
	p.must(stateful.Flush())
	_, err := p.view.Seal()
	p.must(err)
	p.commits++
	p.must(p.view.Commit(state.Position{Commit: p.commits}))
	p.saved.row, p.saved.told, p.saved.watermark = p.row, p.told, p.watermark
	p.saved.result = p.record.result.clone()
}

// expectEmpty says that nothing is kept once the input has ended.
func (p *player) expectEmpty() {
	p.t.Helper()
	p.must(p.store.Scan(nil, nil, func(key, _ []byte) error {
		p.t.Errorf("%x is still in the state at the end", key)
		return nil
	}))
}

// batch copies the rows [from, to) of the input, with rows among them that are not selected if the plan says so.
func (p *player) batch(from, to int) *batch.Batch {
	in := p.c.Input
	kinds := make([]types.Kind, len(in.Columns))
	for i := range in.Columns {
		kinds[i] = in.Columns[i].Kind
	}
	b := &batch.Batch{}
	b.Reset(kinds)
	var selection []int32
	for row := from; row < to; row++ {
		for p.plan.noise && p.plan.rng.IntN(2) == 0 {
			b.AppendRow(in, p.plan.rng.IntN(in.Length))
		}
		selection = append(selection, int32(b.Length))
		b.AppendRow(in, row)
	}
	if p.plan.noise {
		b.Selection = selection
	}
	return b
}
