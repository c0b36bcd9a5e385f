package assign_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/assign"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/types"
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
	return assign.New(assign.Config{SizeMicros: 10, OffsetMicros: 2}, late, bad)
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
	for _, c := range []assign.Config{{SizeMicros: 0}, {SizeMicros: 5, OffsetMicros: 5}, {SizeMicros: 5, OffsetMicros: -1}, {SizeMicros: 5, Time: -1}} {
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
	a, err := assign.New(assign.Config{SizeMicros: 10_000_000}, discard{}, discard{})
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
