package assign_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/assign"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

type row struct {
	time      int64
	watermark types.Watermark
}

func rows(list ...row) *batch.Batch {
	b := &batch.Batch{Length: len(list), Columns: make([]batch.Vector, 1)}
	b.Columns[0].Reset(types.Timestamp)
	for _, r := range list {
		b.Columns[0].AppendInt64(r.time)
		b.RowWatermark = append(b.RowWatermark, r.watermark)
	}
	return b
}

func newAssigner(late operator.LateRows, bad operator.BadRows) (operator.Operator, error) {
	return assign.New(assign.Config{Shape: window.Shape{SizeMicros: 10, StepMicros: 10, OffsetMicros: 2}}, late, bad)
}

func TestAssign(t *testing.T) {
	no := types.NoWatermark
	behindExchange := rows(row{12, 0}, row{-9, 0})
	behindExchange.RowWatermark = nil
	withNull := rows(row{12, no}, row{13, no})
	withNull.Columns[0].SetNull(1)
	cases := map[string]struct {
		input *batch.Batch
		want  operatortest.Result
	}{
		"rows get their window, also before the epoch": {
			rows(row{2, no}, row{11, no}, row{12, no}, row{1, no}, row{-9, no}, row{-8, no}),
			operatortest.Result{Rows: []string{"2 2 12", "11 2 12", "12 12 22", "1 -8 2", "-9 -18 -8", "-8 -8 2"}},
		},
		"a row is late once its window's end is not after its watermark": {
			rows(row{5, 11}, row{5, 12}, row{12, 12}, row{4, 20}),
			operatortest.Result{Rows: []string{"5 2 12", "12 12 22"}, Late: 2, Lateness: 16},
		},
		"behind an exchange no row is late": {behindExchange, operatortest.Result{Rows: []string{"12 12 22", "-9 -18 -8"}}},
		"a row without a time is bad": {
			withNull,
			operatortest.Result{Rows: []string{"12 12 22"}, Bad: []string{"1: the event time is NULL; filter such rows out in a query of its own, or skip bad rows"}},
		},
		"a time at the end of the range is bad": {
			rows(row{math.MaxInt64, no}, row{7, no}),
			operatortest.Result{Rows: []string{"7 2 12"}, Bad: []string{"0: an event time of 9223372036854775807 µs is out of the range of windows"}},
		},
		"lateness does not wrap": {
			rows(row{math.MinInt64 + 20, math.MaxInt64}),
			operatortest.Result{Late: 1, Lateness: math.MaxInt64},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := operatortest.Run(t, operatortest.Case{New: newAssigner, Input: c.input})
			if !slices.Equal(got.Rows, c.want.Rows) || !slices.Equal(got.Bad, c.want.Bad) || got.Late != c.want.Late || got.Lateness != c.want.Lateness {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func newer(c assign.Config) func(operator.LateRows, operator.BadRows) (operator.Operator, error) {
	return func(late operator.LateRows, bad operator.BadRows) (operator.Operator, error) {
		return assign.New(c, late, bad)
	}
}

// A row counts in the windows that end after its watermark, in both forms of the output.
func TestAssignSeveralWindows(t *testing.T) {
	no := types.NoWatermark
	hop := window.Shape{SizeMicros: 10, StepMicros: 5}
	uneven := window.Shape{SizeMicros: 10, StepMicros: 4}
	gaps := window.Shape{SizeMicros: 3, StepMicros: 10}
	cumulate := window.Shape{SizeMicros: 6, StepMicros: 2, Cumulate: true}
	cases := map[string]struct {
		shape            window.Shape
		input            *batch.Batch
		slices, expanded []string
		late             int
		lateness         int64
	}{
		"hopping, at each bound": {
			hop, rows(row{7, no}, row{7, 9}, row{7, 10}, row{7, 14}, row{7, 15}, row{-1, -1}, row{-1, 0}),
			[]string{"7 10 15", "7 10 15", "7 15 15", "7 15 15", "-1 0 5", "-1 5 5"},
			[]string{"7 0 10", "7 5 15", "7 0 10", "7 5 15", "7 5 15", "7 5 15", "-1 -10 0", "-1 -5 5", "-1 -5 5"},
			1, 8,
		},
		"a size that is no multiple": {
			uneven, rows(row{8, no}, row{9, 10}, row{11, 10}, row{9, 17}),
			[]string{"8 10 18", "9 14 18", "11 14 18", "9 18 18"},
			[]string{"8 0 10", "8 4 14", "8 8 18", "9 4 14", "9 8 18", "11 4 14", "11 8 18", "9 8 18"},
			0, 0,
		},
		"a gap is not late": {gaps, rows(row{2, no}, row{3, 40}, row{10, 12}, row{12, 13}), []string{"2 3 3", "10 13 13"}, []string{"2 0 3", "10 10 13"}, 1, 1},
		"cumulating": {
			cumulate, rows(row{6, no}, row{6, 8}, row{7, 11}, row{7, 12}),
			[]string{"6 8 12", "6 10 12", "7 12 12"},
			[]string{"6 6 8", "6 6 10", "6 6 12", "6 6 10", "6 6 12", "7 6 12"},
			1, 5,
		},
	}
	for name, c := range cases {
		for sliced, want := range map[bool][]string{true: c.slices, false: c.expanded} {
			t.Run(fmt.Sprintf("%s, slices %t", name, sliced), func(t *testing.T) {
				got := operatortest.Run(t, operatortest.Case{New: newer(assign.Config{Shape: c.shape, Slices: sliced}), Input: c.input})
				if !slices.Equal(got.Rows, want) || got.Late != c.late || got.Lateness != c.lateness {
					t.Errorf("got %+v\nwant %q, %d late by %d", got, want, c.late, c.lateness)
				}
			})
		}
	}
}

// A row of very many windows comes out in several batches, with all its columns.
func TestAssignExpandsInBatches(t *testing.T) {
	in := operatortest.Random(rand.New(rand.NewPCG(1, 2)), []types.Kind{types.Timestamp, types.String, types.Double}, 8, 0)
	got := operatortest.Run(t, operatortest.Case{New: newer(assign.Config{Shape: window.Shape{SizeMicros: 1000, StepMicros: 1}}), Input: in})
	if len(got.Rows) != 8*1000 {
		t.Errorf("%d rows, want 8000", len(got.Rows))
	}
}

func TestAssignRandomRows(t *testing.T) {
	for _, nulls := range []float64{0, 0.3, 1} {
		rng := rand.New(rand.NewPCG(1, 2))
		in := operatortest.Random(rng, []types.Kind{types.Timestamp, types.String}, 80, nulls)
		for row := range in.Length {
			in.Columns[0].Int64[row] *= 7
			in.RowWatermark = append(in.RowWatermark, types.Watermark(row-40))
		}
		got := operatortest.Run(t, operatortest.Case{New: newAssigner, Input: in})
		if n := len(got.Rows) + len(got.Bad) + got.Late; n != in.Length {
			t.Errorf("%v NULL: %d rows, want %d", nulls, n, in.Length)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []assign.Config{
		{Shape: window.Shape{StepMicros: 1}},
		{Shape: window.Shape{SizeMicros: 5, StepMicros: 5, OffsetMicros: 5}},
		{Shape: window.Shape{SizeMicros: 5, StepMicros: 5, OffsetMicros: -1}},
		{Shape: window.Shape{SizeMicros: 5, StepMicros: 5}, Time: -1},
	} {
		if _, err := assign.New(c, nil, nil); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

type discard struct{}

func (discard) Push(*batch.Batch) error            { return nil }
func (discard) Late(int, int64)                    {}
func (discard) Bad(*batch.Batch, int, error) error { return nil }

func BenchmarkAssign(b *testing.B) {
	const n = 1024
	in := rows()
	in.Length = n
	for i := range n {
		in.Columns[0].AppendInt64(int64(i) * 1000)
		in.RowWatermark = append(in.RowWatermark, types.Watermark(i*1000-1))
	}
	a, err := assign.New(assign.Config{Shape: window.Shape{SizeMicros: 10_000_000, StepMicros: 10_000_000}}, discard{}, discard{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := a.Push(in, discard{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
