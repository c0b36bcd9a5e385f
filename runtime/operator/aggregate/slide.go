package aggregate

import (
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/window"
)

// slide fires windows of slices. The tables are slices: `end` is the end of the first window that their rows count in,
// `start` that of the last. totals is the window at hand, which slides:
//
//	fired = 20, step 5            first  last
//	  tables  ┌ opened            15     25     in totals; leaves behind 25
//	          │                   20     30     in totals
//	          ├ not yet           25     35     comes into totals before 25 fires
//	          └                   30     40
//
// So a window costs what comes and what leaves, however many slices it has. What leaves is subtracted where that is exact
// (accumulator.Set.Invertible); with MIN, MAX, or sums of DOUBLE the totals are made anew of the slices that stay.
type slide struct {
	shape window.Shape
	exact bool
	// totals are the opened tables together; ready says that they are.
	totals *totals
	ready  bool
	// opened is the number of tables, at the front, whose first window has fired. No row comes to them any more.
	opened int
	// fired is the end of the last window that fired; meaningful with opened tables. It is in the state, under the empty
	// key, as stored says: what is opened is fired again for its later windows, and must not be for its earlier ones.
	fired, storedFired int64
	stored             bool
}

func newSlide(shape window.Shape, g *groups) *slide {
	return &slide{shape: shape, exact: g.set.Invertible(), totals: newTotals(g.set, g.seed, g.intKey >= 0)}
}

// after returns the end of the first window of a run that is after the watermark, and whether there is one. Only rows of a
// channel that was idle have one at or before it. A nil slide has windows of their own.
func (s *slide) after(first, last, watermark int64) (int64, bool) {
	if s == nil {
		return first, false
	}
	r, ok := window.Run{First: first, Last: last}.After(watermark, s.shape.StepMicros)
	return r.First, ok
}

// restore finds in the state where it was.
func (s *slide) restore(a *Aggregate) error {
	s.totals.empty()
	s.ready, s.opened, s.stored = false, 0, false
	value, ok, err := a.view.Get(nil)
	if err != nil || !ok {
		return err
	}
	if len(value) != prefixWord {
		return corrupt("a damaged time")
	}
	s.fired = int64(binary.BigEndian.Uint64(value)) //nolint:gosec // bits
	s.storedFired, s.stored = s.fired, true
	for s.opened < len(a.tables) && a.tables[s.opened].end <= s.fired {
		s.opened++
	}
	return nil
}

// flush writes where it is, as far as anybody needs to know.
func (s *slide) flush(a *Aggregate) error {
	switch {
	case s.opened > 0 && (!s.stored || s.storedFired != s.fired):
		s.stored, s.storedFired = true, s.fired
		return a.view.Put(nil, binary.BigEndian.AppendUint64(nil, uint64(s.fired))) //nolint:gosec // bits
	case s.opened == 0 && s.stored:
		s.stored = false
		return a.view.Delete(nil)
	default:
		return nil
	}
}

// advance fires all windows up to w, one after the other.
func (s *slide) advance(a *Aggregate, w int64, out operator.Output) error {
	for len(a.tables) > 0 {
		end := a.tables[0].end
		if s.opened > 0 {
			end = s.fired + s.shape.StepMicros
		}
		if end > w {
			return nil
		}
		if err := s.fire(a, end, out); err != nil {
			return err
		}
	}
	return nil
}

// fire emits the window that ends at end.
func (s *slide) fire(a *Aggregate, end int64, out operator.Output) error {
	if !s.ready {
		s.totals.empty()
		for _, t := range a.tables[:s.opened] {
			if err := s.each(a, t, s.totals.add); err != nil {
				return err
			}
		}
		s.ready = true
	}
	for s.opened < len(a.tables) && a.tables[s.opened].end == end {
		if err := s.each(a, a.tables[s.opened], s.totals.add); err != nil {
			return err
		}
		s.opened++
	}
	t := s.totals.table
	t.end, t.start = end, s.shape.Start(window.Run{Last: a.tables[0].start}, end)
	for _, at := range a.order.sort(t, a.intKey >= 0) {
		a.key = a.appendKey(a.key[:0], t, at)
		if err := a.emitGroup(t, t, at, a.key, out); err != nil {
			return err
		}
	}
	s.fired = end
	return s.leave(a, end)
}

// leave takes the slices whose last window has fired out of the totals and of the state.
func (s *slide) leave(a *Aggregate, end int64) error {
	opened := a.tables[:s.opened]
	leaving := 0
	for _, t := range opened {
		if t.start == end {
			leaving++
		}
	}
	s.ready = leaving == 0 || s.exact && leaving < s.opened
	for _, t := range opened {
		if t.start != end {
			continue
		}
		if s.ready {
			if err := s.each(a, t, s.totals.subtract); err != nil {
				return err
			}
		}
		if t.stored {
			prefix := a.appendPrefix(nil, t)
			if err := a.view.DeleteRange(prefix, state.Successor(slices.Clone(prefix))); err != nil {
				return err
			}
		}
	}
	if !s.ready {
		s.totals.empty()
	}
	kept := slices.DeleteFunc(opened, func(t *table) bool { return t.start == end })
	a.tables = slices.Delete(a.tables, len(kept), s.opened)
	s.opened = len(kept)
	return nil
}

// each visits the groups of a slice that gets no rows any more. One that is not whole is visited in the state.
func (s *slide) each(a *Aggregate, t *table, visit func(from *table, at uint32, text []byte) error) error {
	if t.whole {
		for at := 0; at < len(t.Words); at += t.stride {
			if t.Words[at+tagWord]&tagLive == 0 {
				continue
			}
			var text []byte
			if a.intKey < 0 {
				text = t.Text(t.Words[at+keyWord])
			}
			if err := visit(t, uint32(at), text); err != nil {
				return err
			}
		}
		return nil
	}
	if err := a.flush(t); err != nil {
		return err
	}
	t.clear()
	prefix := a.appendPrefix(nil, t)
	return a.view.Scan(prefix, state.Successor(slices.Clone(prefix)), func(key, value []byte) error {
		a.one.Arena = a.one.Arena[:0]
		if err := a.set.ReadValue(value, &a.one.Memory, 0); err != nil {
			return err
		}
		text, err := a.identify(key[len(prefix):])
		if err != nil {
			return err
		}
		return visit(&a.one, 0, text)
	})
}

// identify sets key and tag of the entry of one to those of an encoded key, and returns that where entries keep it.
func (a *Aggregate) identify(key []byte) ([]byte, error) {
	w := a.one.Words
	if a.intKey < 0 {
		w[tagWord] = tagOf(maphash.Bytes(a.seed, key)) | tagLive
		return key, nil
	}
	v, null, ok := batch.Int64FromKey(key)
	if !ok {
		return nil, corrupt("a key of another type")
	}
	w[keyWord], w[tagWord] = uint64(v), tagOf(kernel.Hash64(uint64(v), a.intSeed))|tagLive //nolint:gosec // bits
	if null {
		w[tagWord] |= tagNull
	}
	return nil, nil
}
