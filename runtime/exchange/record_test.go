package exchange_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// sent collects what a writer emits, by partition.
type sent map[int32][][]byte

func (s sent) Emit(_ string, partition int32, _, value []byte) error {
	s[partition] = append(s[partition], slices.Clone(value))
	return nil
}

func (s sent) Tail(_ string, _ int32, n int) []byte { return make([]byte, 0, n) }

// fail stops at any bad row.
type fail struct{}

func (fail) Bad(_ *batch.Batch, _ int, cause error) error { return cause }

func allKinds() []types.Kind {
	return []types.Kind{types.BigInt, types.Boolean, types.Int, types.Double, types.String, types.Bytes, types.Date, types.Timestamp, types.Interval}
}

func appendRandom(v *batch.Vector, rng *rand.Rand) {
	if rng.IntN(6) == 0 {
		v.AppendNull()
		return
	}
	switch v.Kind.Storage() {
	case types.StoreBool:
		v.AppendBool(rng.IntN(2) == 0)
	case types.StoreInt64:
		v.AppendInt64([]int64{int64(rng.IntN(200)), rng.Int64(), math.MinInt64, math.MaxInt64, 1 << 40}[rng.IntN(5)])
	case types.StoreFloat64:
		v.AppendFloat64([]float64{rng.Float64(), math.Inf(1), math.Copysign(0, -1), -1e300}[rng.IntN(4)])
	default:
		v.AppendBytes([]byte(strings.Repeat("x", rng.IntN(30)) + strconv.Itoa(rng.IntN(9))))
	}
}

func random(rng *rand.Rand, kinds []types.Kind, rows int) *batch.Batch {
	b := &batch.Batch{}
	b.Reset(kinds)
	for range rows {
		for c := range b.Columns {
			appendRandom(&b.Columns[c], rng)
		}
		b.Length++
	}
	if rng.IntN(2) == 0 {
		b.Selection = []int32{}
		for i := range rows {
			if rng.IntN(3) > 0 {
				b.Selection = append(b.Selection, int32(i))
			}
		}
	}
	return b
}

func text(b *batch.Batch, row int) string {
	var s strings.Builder
	for c := range b.Columns {
		v := &b.Columns[c]
		switch {
		case v.IsNull(row):
			s.WriteString("NULL|")
		case v.Kind.Storage() == types.StoreBool:
			fmt.Fprintf(&s, "%v|", v.Bool[row])
		case v.Kind.Storage() == types.StoreInt64:
			fmt.Fprintf(&s, "%d|", v.Int64[row])
		case v.Kind.Storage() == types.StoreFloat64:
			fmt.Fprintf(&s, "%x|", math.Float64bits(v.Float64[row]))
		default:
			fmt.Fprintf(&s, "%q|", v.Bytes(row))
		}
	}
	return s.String()
}

func writer(tb testing.TB, cfg exchange.Config, out exchange.Emit) (*exchange.Writer, *exchange.Lane) {
	tb.Helper()
	w, err := exchange.NewWriter(cfg, out)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := w.Lane(0, 1, fail{})
	if err != nil {
		tb.Fatal(err)
	}
	l.Restore(types.NoWatermark, false)
	return w, l
}

func TestRowsArriveWholeInOrderAndWhereTheirKeyBelongs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		out := sent{}
		cfg := exchange.Config{Topic: "x", Partitions: 3, Kinds: allKinds(), Keys: []int{4, 0}, WindowEnd: -1, RecordBytes: 200 + rng.IntN(5000)}
		w, l := writer(t, cfg, out)
		p := exchange.NewPartitioner(cfg.Keys, cfg.Partitions)
		want := map[int32][]string{}
		for range 3 {
			b := random(rng, cfg.Kinds, rng.IntN(300))
			for i := range b.Length {
				if b.Selection == nil || slices.Contains(b.Selection, int32(i)) {
					n := p.Partition(b, i)
					want[n] = append(want[n], text(b, i))
				}
			}
			if err := l.Push(b); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		reader, got := exchange.NewReader(cfg.Kinds), batch.Batch{}
		for n := range int32(3) {
			var rows []string
			for _, value := range out[n] {
				var h exchange.Header
				if err := reader.Decode(value, &h, &got); err != nil {
					t.Fatal(err)
				}
				if len(value) > cfg.RecordBytes+400 && h.Rows > 1 {
					t.Errorf("a record of %d bytes with %d rows, split at %d", len(value), h.Rows, cfg.RecordBytes)
				}
				for i := range got.Length {
					rows = append(rows, text(&got, i))
				}
			}
			if !slices.Equal(rows, want[n]) {
				t.Fatalf("partition %d: %d rows, want %d", n, len(rows), len(want[n]))
			}
		}
	}
}

func TestTheHashIsPublished(t *testing.T) {
	b := &batch.Batch{Length: 3}
	b.Reset([]types.Kind{types.String, types.BigInt, types.Double, types.Boolean})
	for _, s := range []string{"AA", "UA"} {
		b.Columns[0].AppendBytes([]byte(s))
	}
	b.Columns[0].AppendNull()
	for i := range 3 {
		b.Columns[1].AppendInt64(int64(i) - 1)
		b.Columns[2].AppendFloat64([]float64{0, math.Copysign(0, -1), 1.5}[i])
		b.Columns[3].AppendBool(i > 0)
	}
	cases := map[string]struct {
		keys []int
		want []int32
	}{
		"no key":           {nil, []int32{0, 0, 0}},
		"a string":         {[]int{0}, []int32{23, 21, 8}},
		"an integer":       {[]int{1}, []int32{22, 22, 3}},
		"zero has no sign": {[]int{2}, []int32{22, 22, 16}},
		"all":              {[]int{0, 1, 2, 3}, []int32{22, 10, 9}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, got := exchange.NewPartitioner(c.keys, 32), []int32{}
			for i := range 3 {
				got = append(got, p.Partition(b, i))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v: state lies where the old function sent it", got, c.want)
			}
		})
	}
}

func TestARowThatIsTooLargeIsBad(t *testing.T) {
	_, l := writer(t, exchange.Config{Topic: "x", Partitions: 1, Kinds: []types.Kind{types.String}, WindowEnd: -1}, sent{})
	b := &batch.Batch{}
	b.Reset([]types.Kind{types.String})
	b.Columns[0].AppendBytes(make([]byte, exchange.MaxRowBytes+1))
	b.Length = 1
	if err := l.Push(b); fault.KindOf(err) != fault.Data {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	out := sent{}
	w, l := writer(f, exchange.Config{Topic: "x", Partitions: 1, Kinds: allKinds(), WindowEnd: -1}, out)
	for rows := range 12 {
		if err := l.Push(random(rng, allKinds(), rows)); err != nil {
			f.Fatal(err)
		}
		_ = l.Advance(types.Watermark(rows), rows%2 == 0)
		if err := w.Flush(); err != nil {
			f.Fatal(err)
		}
	}
	for _, value := range out[0] {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if n := len(value); n > 4 { // the checksum made right, so that the rest is reached
			binary.LittleEndian.PutUint32(value[n-4:], crc32.Checksum(value[:n-4], crc32.MakeTable(crc32.Castagnoli)))
		}
		var h exchange.Header
		var b batch.Batch
		if err := exchange.NewReader(allKinds()).Decode(value, &h, &b); err != nil {
			if fault.KindOf(err) != fault.Corrupt {
				t.Fatalf("got %v", err)
			}
			return
		}
		for i := range b.Length {
			_ = text(&b, i)
		}
	})
}

// marksOf returns the marks of each record to a partition.
func marksOf(t *testing.T, out sent, partition int32) []string {
	t.Helper()
	var all []string
	for _, value := range out[partition] {
		var h exchange.Header
		var b batch.Batch
		if err := exchange.NewReader([]types.Kind{types.BigInt}).Decode(value, &h, &b); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(h.Rows, marks(h.Marks)))
	}
	return all
}

func marks(list []watermark.Mark) string {
	var s strings.Builder
	for _, m := range list {
		fmt.Fprintf(&s, " %d@%d", m.Channel, m.Watermark)
		if m.Idle {
			s.WriteString(" idle")
		}
		if m.Cut != 0 {
			fmt.Fprintf(&s, " cut %d", m.Cut)
		}
	}
	return s.String()
}
