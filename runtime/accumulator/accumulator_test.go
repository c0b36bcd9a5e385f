package accumulator_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

func kinds() []types.Kind {
	return []types.Kind{types.BigInt, types.Double, types.String, types.Boolean, types.Int}
}

// calls are all functions over all types; exact are those that Subtract undoes.
func calls() (all, exact []accumulator.Call) {
	exact = []accumulator.Call{{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}}
	for _, filter := range []int{-1, 3} {
		for _, column := range []int{0, 4} {
			exact = append(exact,
				accumulator.Call{Function: accumulator.Count, Argument: column, Filter: filter, Kind: types.BigInt},
				accumulator.Call{Function: accumulator.Sum, Argument: column, Filter: filter, Kind: types.BigInt},
				accumulator.Call{Function: accumulator.Avg, Argument: column, Filter: filter, Kind: types.Double})
		}
		all = append(all,
			accumulator.Call{Function: accumulator.Sum, Argument: 1, Filter: filter, Kind: types.Double},
			accumulator.Call{Function: accumulator.Avg, Argument: 1, Filter: filter, Kind: types.Double})
		for column, kind := range kinds() {
			all = append(all, accumulator.Call{Function: accumulator.Min, Argument: column, Filter: filter, Kind: kind},
				accumulator.Call{Function: accumulator.Max, Argument: column, Filter: filter, Kind: kind})
		}
	}
	return append(all, exact...), exact
}

// input is random rows; its BIGINTs are large, so that sums leave 64 bits, and its DOUBLEs whole, so that they are exact.
func input(rng *rand.Rand, n int, nulls float64) *batch.Batch {
	b := &batch.Batch{}
	b.Reset(kinds())
	for range n {
		for i := range b.Columns {
			v := &b.Columns[i]
			switch {
			case rng.Float64() < nulls:
				v.AppendNull()
			case i == 0:
				v.AppendInt64(int64(rng.Uint64()))
			case i == 1:
				v.AppendFloat64(float64(rng.IntN(2000) - 1000))
			case i == 2:
				v.AppendBytes(fmt.Appendf(nil, "%x", rng.IntN(1<<(4*rng.IntN(6)))))
			case i == 3:
				v.AppendBool(rng.IntN(2) == 0)
			default:
				v.AppendInt64(int64(rng.IntN(100) - 50))
			}
		}
		b.Length++
	}
	return b
}

func rowsTo(entry uint32, from, to int) accumulator.Rows {
	var r accumulator.Rows
	for i := from; i < to; i++ {
		r.Index, r.Entries = append(r.Index, int32(i)), append(r.Entries, entry)
	}
	return r
}

func made(t *testing.T, calls []accumulator.Call, input []types.Kind, partial bool) *accumulator.Set {
	t.Helper()
	prepare := accumulator.New
	if partial {
		prepare = accumulator.NewMerging
	}
	s, err := prepare(calls, input, 2)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// words are entries without groups: n of them.
func words(s *accumulator.Set, n int) *accumulator.Memory {
	return &accumulator.Memory{Words: make([]uint64, n*s.Stride())}
}

func results(s *accumulator.Set, calls []accumulator.Call, m *accumulator.Memory, at uint32) []string {
	columns := make([]batch.Vector, len(calls))
	for i, c := range calls {
		columns[i].Reset(c.Kind)
	}
	s.AppendResults(columns, m, at)
	list := []string{fmt.Sprint(s.Check(m, at))}
	for i := range columns {
		list = append(list, string(columns[i].AppendKey(nil, 0)))
	}
	return list
}

// Rows added at once give what parts of them give when these are merged: as entries, in one memory and across two, as
// partial results in columns, and through the state's encoding.
func TestPartsMakeTheWhole(t *testing.T) {
	all, _ := calls()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := rng.IntN(40)
		b := input(rng, n, []float64{0, 0.3, 1}[seed%3])
		s := made(t, all, kinds(), false)
		stride := uint32(s.Stride())
		m := words(s, 1)
		s.Update(m, b, rowsTo(0, 0, n))
		want := results(s, all, m, 0)

		parts := words(s, 4)
		cut := []int{0, rng.IntN(n + 1), rng.IntN(n + 1), n}
		slices.Sort(cut)
		for i := range 3 {
			s.Update(parts, b, rowsTo(uint32(i)*stride, cut[i], cut[i+1]))
		}
		whole := words(s, 1)
		var partials batch.Batch
		partials.Reset(s.Partials())
		merging, at := slices.Clone(all), 0
		for i := range merging {
			merging[i].Argument, merging[i].Filter = at, -1
			at += len(made(t, all[i:i+1], kinds(), false).Partials())
		}
		decoded := words(s, 1)
		for i := range uint32(3) {
			s.MergeFrom(whole, 0, parts, i*stride)
			s.AppendPartials(partials.Columns, parts, i*stride)
			partials.Length++
			one := words(s, 1)
			if err := s.ReadValue(s.AppendValue(nil, parts, i*stride), one, 0); err != nil {
				t.Fatal(err)
			}
			s.MergeFrom(decoded, 0, one, 0)
		}
		for i := range uint32(3) {
			s.Merge(parts, 3*stride, i*stride)
		}
		global := made(t, merging, s.Partials(), true)
		merged := words(global, 1)
		global.Update(merged, &partials, rowsTo(0, 0, 3))
		for name, got := range map[string][]string{
			"merged": results(s, all, whole, 0), "in one memory": results(s, all, parts, 3*stride),
			"decoded": results(s, all, decoded, 0), "as columns": results(global, merging, merged, 0),
		} {
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, %s: got %q, want %q", seed, name, got, want)
			}
		}
	}
}

// Single rows as partial results give what the rows give.
func TestSinglesMakeTheWhole(t *testing.T) {
	all, _ := calls()
	s := made(t, all, kinds(), false)
	merging, at := slices.Clone(all), 0
	for i := range merging {
		merging[i].Argument, merging[i].Filter = at, -1
		at += len(made(t, all[i:i+1], kinds(), false).Partials())
	}
	global := made(t, merging, s.Partials(), true)
	singles := accumulator.NewSingles(s)
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 4))
		n := rng.IntN(40)
		b := input(rng, n, []float64{0, 0.3, 1}[seed%3])
		m := words(s, 1)
		s.Update(m, b, rowsTo(0, 0, n))
		want := results(s, all, m, 0)
		merged := words(global, 1)
		global.Update(merged, &batch.Batch{Length: n, Columns: singles.Of(b)}, rowsTo(0, 0, n))
		if got := results(global, merging, merged, 0); !slices.Equal(got, want) {
			t.Fatalf("seed %d: got %q, want %q", seed, got, want)
		}
	}
}

// Subtract undoes MergeFrom.
func TestSubtract(t *testing.T) {
	all, exact := calls()
	if made(t, all, kinds(), false).Invertible() {
		t.Error("MIN is invertible")
	}
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 2))
		b := input(rng, 30, 0.2)
		s := made(t, exact, kinds(), false)
		if !s.Invertible() {
			t.Fatal("COUNT, SUM and AVG of integers are not invertible")
		}
		stride := uint32(s.Stride())
		m := words(s, 3)
		s.Update(m, b, rowsTo(0, 0, 12))
		s.Update(m, b, rowsTo(stride, 12, 30))
		want := results(s, exact, m, stride)
		s.MergeFrom(m, 2*stride, m, 0)
		s.MergeFrom(m, 2*stride, m, stride)
		s.Subtract(m, 2*stride, m, 0)
		if got := results(s, exact, m, 2*stride); !slices.Equal(got, want) {
			t.Fatalf("seed %d: got %q, want %q", seed, got, want)
		}
	}
}

// A value that the version before wrote: 8 bytes of a SUM, 16 of an AVG.
func TestReadsTheVersionBefore(t *testing.T) {
	list := []accumulator.Call{
		{Function: accumulator.Sum, Argument: 0, Filter: -1, Kind: types.BigInt},
		{Function: accumulator.Avg, Argument: 0, Filter: -1, Kind: types.Double},
		{Function: accumulator.Max, Argument: 2, Filter: -1, Kind: types.String},
	}
	minus := int64(-7)
	value := []byte{1, 3}
	value = binary.LittleEndian.AppendUint64(value, uint64(minus))
	value = append(value, 2)
	value = binary.LittleEndian.AppendUint64(value, uint64(minus))
	value = binary.LittleEndian.AppendUint64(value, math.MaxUint64)
	value = append(value, 1, 2, 'a', 'b')
	s := made(t, list, kinds(), false)
	m := words(s, 1)
	if err := s.ReadValue(value, m, 0); err != nil {
		t.Fatal(err)
	}
	columns := make([]batch.Vector, 3)
	for i, c := range list {
		columns[i].Reset(c.Kind)
	}
	s.AppendResults(columns, m, 0)
	if columns[0].Int64[0] != -7 || columns[1].Float64[0] != -3.5 || string(columns[2].Bytes(0)) != "ab" {
		t.Errorf("got %v", columns)
	}
	for n := range value {
		if err := s.ReadValue(value[:n], words(s, 1), 0); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(value))
		}
	}
	now := s.AppendValue(nil, m, 0)
	for n := range now {
		if err := s.ReadValue(now[:n], words(s, 1), 0); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(now))
		}
	}
}

func TestPartialsThatDoNotFit(t *testing.T) {
	for _, c := range []accumulator.Call{
		{Function: accumulator.Sum, Argument: 0, Filter: -1, Kind: types.BigInt},
		{Function: accumulator.Avg, Argument: 2, Filter: -1, Kind: types.Double},
		{Function: accumulator.Count, Argument: 1, Filter: -1, Kind: types.BigInt},
		{Function: accumulator.Min, Argument: 2, Filter: 3, Kind: types.String},
		{Function: accumulator.Count, Argument: 9, Filter: -1, Kind: types.BigInt},
	} {
		if _, err := accumulator.NewMerging([]accumulator.Call{c}, kinds(), 0); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}
