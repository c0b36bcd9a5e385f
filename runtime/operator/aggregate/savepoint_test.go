package aggregate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// stand is an operator with its store.
type stand struct {
	t     *testing.T
	op    *aggregate.Aggregate
	store state.Store
	view  *state.View
	rows  []string
}

func newStand(t *testing.T, c aggregate.Config, fill func(view *state.View)) *stand {
	t.Helper()
	s := &stand{t: t}
	var err error
	if s.store, err = backend().Open("s/0"); err != nil {
		t.Fatal(err)
	}
	s.view = state.NewView(s.store, nil)
	if fill != nil {
		fill(s.view)
		s.commit()
	}
	if s.op, err = aggregate.New(c, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.op.Open(s.view); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stand) commit() {
	s.t.Helper()
	if _, err := s.view.Seal(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.view.Commit(state.Position{}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stand) flush() {
	s.t.Helper()
	if err := s.op.Flush(); err != nil {
		s.t.Fatal(err)
	}
	s.commit()
}

func (s *stand) push(b *batch.Batch) {
	s.t.Helper()
	if b.Selected() == 0 {
		return
	}
	if err := s.op.Push(b, texts{&s.rows}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stand) advance(w types.Watermark) {
	s.t.Helper()
	if err := s.op.Advance(w, texts{&s.rows}); err != nil {
		s.t.Fatal(err)
	}
}

// of selects rows [from, to) whose integer key is of this parity, or all for -1.
func of(in *batch.Batch, from, to int, parity int64) *batch.Batch {
	b := *in
	b.Selection = []int32{}
	for row := from; row < to; row++ {
		if v := &in.Columns[colInt]; parity < 0 || !v.IsNull(row) && v.Int64[row]&1 == parity || v.IsNull(row) && parity == 0 {
			b.Selection = append(b.Selection, int32(row))
		}
	}
	return &b
}

// Tasks whose watermarks stood apart, because one knew a partition as idle that another did not, become one, and one
// becomes two: every window of every key comes once and whole, as if nothing had been moved.
func TestTasksThatStoodApartBecomeOne(t *testing.T) {
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(60) {
				apart(t, shape, seed)
			}
		})
	}
}

func apart(t *testing.T, shape window.Shape, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 9))
	c := sliced(shape, allCalls(), colInt)
	const rows = 80
	in := slicedInput(shape, rows, 0.1)
	cut := 20 + rng.IntN(40)
	at := func(row int) types.Watermark { return types.Watermark(row - 20 - 6) }
	marks := [2]types.Watermark{at(cut - rng.IntN(15)), at(cut - rng.IntN(15))}
	least := min(marks[0], marks[1])
	var parts [2]*stand
	var want []string
	kinds := func() []types.Kind {
		var list []types.Kind
		for _, column := range codec(t, c).Columns() {
			list = append(list, column.Kind)
		}
		return list
	}()
	all := &batch.Batch{}
	all.Reset(kinds)
	var all2 []int64
	before := []string{}
	for p := range parts {
		parts[p] = newStand(t, c, nil)
		parts[p].push(of(in, 0, cut, int64(p)))
		parts[p].advance(marks[p])
		parts[p].flush()
		exported, mark := operatortest.Export(t, codec(t, c), parts[p].store, "")
		all.AppendSelected(exported)
		all2 = append(all2, mark...)
		before = append(before, parts[p].rows...)
		// What it would have gone on to: its rows that are not late for the other.
		parts[p].push(after(of(in, cut, rows, int64(p)), max(marks[0], marks[1])))
		parts[p].advance(types.EndOfInput)
		want = append(want, parts[p].rows...)
	}
	one := newStand(t, c, func(view *state.View) { fill(t, c, all, all2, view) })
	one.rows = before
	one.advance(least)
	if len(one.rows) != len(before) {
		t.Fatalf("seed %d: %v was emitted again at the restore", seed, one.rows[len(before):])
	}
	one.push(after(of(in, cut, rows, -1), max(marks[0], marks[1])))
	one.advance(types.EndOfInput)
	slices.Sort(want)
	slices.Sort(one.rows)
	if !slices.Equal(one.rows, want) {
		t.Fatalf("seed %d, marks %v: got %d rows\n%s\nwant %d\n%s", seed, marks, len(one.rows), strings.Join(one.rows, "\n"), len(want), strings.Join(want, "\n"))
	}
}

// after leaves the rows whose first window is after a watermark.
func after(b *batch.Batch, w types.Watermark) *batch.Batch {
	b.Selection = slices.DeleteFunc(b.Selection, func(row int32) bool { return b.Columns[colEnd].Int64[row] <= int64(w) })
	return b
}

func fill(t *testing.T, c aggregate.Config, rows *batch.Batch, marks []int64, view *state.View) {
	t.Helper()
	in := codec(t, c).Import(marks)
	seen := map[string]bool{}
	record := func(key, value []byte) error {
		if seen[string(key)] {
			t.Errorf("%x is put twice", key)
		}
		seen[string(key)] = true
		return view.Put(key, value)
	}
	for row := range rows.Length {
		if err := in.Record(rows, row, record); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Finish(record); err != nil {
		t.Fatal(err)
	}
}

func TestRowsSayWhatTheyAre(t *testing.T) {
	schema := types.Schema{Columns: []types.Column{
		{Name: "window_end", Kind: types.BigInt},
		{Name: "window_start", Kind: types.Timestamp},
		{Name: "window_end", Kind: types.Timestamp},
		{Name: "COUNT(*)"},
		{Name: "SUM(price)"},
		{Name: "AVG(Price)"},
		{Name: "AVG(price) FILTER (WHERE a > 1)"},
		{Name: "MIN(UPPER(name))"},
	}}
	c := config(colInt)
	c.Keys = []int{colInt, colStart, colEnd}
	c.Calls = []accumulator.Call{
		{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt},
		{Function: accumulator.Sum, Argument: colInt, Filter: -1, Kind: types.BigInt},
		{Function: accumulator.Avg, Argument: colInt, Filter: -1, Kind: types.Double},
		{Function: accumulator.Avg, Argument: colDouble, Filter: colBool, Kind: types.Double},
		{Function: accumulator.Min, Argument: colText, Filter: -1, Kind: types.String},
	}
	made, err := aggregate.NewCodec(c, schema, []int{colInt})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, column := range made.Columns() {
		text := column.Name + " " + column.Kind.String()
		if column.Wide {
			text = column.Name + " wide"
		}
		got = append(got, text)
	}
	want := []string{
		"window_start TIMESTAMP", "window_end TIMESTAMP", "window_end_2 BIGINT", "count BIGINT", "sum_price wide", "avg_price_b99c_count BIGINT",
		"avg_price_b99c_sum wide", "avg_price_filter_where_a_1_532e_count BIGINT", "avg_price_filter_where_a_1_532e_sum DOUBLE", "min_upper_name_0826 STRING",
	}
	if !slices.Equal(got, want) || !slices.Equal(made.Keys(), []int{2}) {
		t.Errorf("got %q, keys %v", got, made.Keys())
	}
	if _, err := aggregate.NewCodec(c, schema, []int{colText}); fault.KindOf(err) != fault.Bug {
		t.Errorf("an exchange that hashes what is no key: %v", err)
	}
	if _, err := aggregate.NewCodec(c, types.Schema{}, nil); fault.KindOf(err) != fault.Bug {
		t.Errorf("no names: %v", err)
	}
}

// A sum is kept whole where 64 bits do not hold it, and comes back below the range as well as above.
func TestSumsOf128BitsComeBack(t *testing.T) {
	for _, step := range []int64{math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, -1, 0} {
		in := rowsOf([4]any{int(step), "a", 1.0, true}, [4]any{int(step), "a", 1.0, true}, [4]any{int(step), "a", 1.0, true})
		back := [4]any{int(-(step + 1)), "a", 1.0, true}
		undo := rowsOf(back, back, back)
		c := config(colText)
		whole := newStand(t, c, nil)
		whole.push(in)
		whole.flush()
		rows, marks := operatortest.Export(t, codec(t, c), whole.store, "")
		moved := newStand(t, c, func(view *state.View) { fill(t, c, rows, marks, view) })
		for _, s := range []*stand{whole, moved} {
			s.push(undo)
			s.advance(types.EndOfInput)
		}
		if len(moved.rows) != 1 || !slices.Equal(moved.rows, whole.rows) {
			t.Errorf("%d: got %q, want %q", step, moved.rows, whole.rows)
		}
	}
}

// Rows that nobody can have written are errors, and so are records.
func TestRowsThatMakeNoSense(t *testing.T) {
	c := sliced(shapes()["hopping"], allCalls(), colText)
	s := newStand(t, c, nil)
	s.push(of(slicedInput(*c.Slices, 30, 0), 0, 30, -1))
	s.flush()
	for name, damage := range map[string]func(b *batch.Batch){
		"no window":                     func(b *batch.Batch) { b.Columns[0].SetNull(0) },
		"a count below 0":               func(b *batch.Batch) { b.Columns[4].Int64[0] = -1 },
		"a sum of another length":       func(b *batch.Batch) { b.Columns[6].SetBytes(0, []byte("short")) },
		"a count without a sum":         func(b *batch.Batch) { b.Columns[9].SetNull(0) },
		"emitted before everybody else": func(b *batch.Batch) { b.Columns[2].Reset(types.Timestamp); zeros(&b.Columns[2], b.Length) },
	} {
		rows, marks := operatortest.Export(t, codec(t, c), s.store, "")
		damage(rows)
		in := codec(t, c).Import(marks)
		var err error
		for row := 0; row < rows.Length && err == nil; row++ {
			err = in.Record(rows, row, func([]byte, []byte) error { return nil })
		}
		if fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
	var b batch.Batch
	var kinds []types.Kind
	for _, column := range codec(t, c).Columns() {
		kinds = append(kinds, column.Kind)
	}
	err := s.store.Scan(nil, nil, func(key, value []byte) error {
		for n := range key {
			b.Reset(kinds)
			if err := codec(t, c).Export().Rows(key[:n], value, &b); fault.KindOf(err) != fault.Corrupt {
				return fmt.Errorf("%d bytes of %x: %w", n, key, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func zeros(v *batch.Vector, n int) {
	for range n {
		v.AppendInt64(math.MinInt64)
	}
}

var _ operator.StateCodec = (*aggregate.Codec)(nil)
