package batch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

func kinds() []types.Kind {
	return []types.Kind{types.Boolean, types.BigInt, types.Double, types.String, types.Null}
}

// sample has a NULL in each column at rows where (row + column) % 3 is 0, when holes is set.
func sample(rows int, holes bool) *batch.Batch {
	b := &batch.Batch{}
	b.Reset(kinds())
	for i := range rows {
		for c := range b.Columns {
			v := &b.Columns[c]
			switch {
			case holes && (i+c)%3 == 0, v.Kind == types.Null:
				v.AppendNull()
			case v.Kind == types.Boolean:
				v.AppendBool(i%2 == 0)
			case v.Kind == types.BigInt:
				v.AppendInt64(int64(i))
			case v.Kind == types.Double:
				v.AppendFloat64(float64(i) / 2)
			default:
				v.AppendBytes(fmt.Appendf(nil, "s%d", i))
			}
		}
		b.RowWatermark = append(b.RowWatermark, types.Watermark(i))
		b.Offsets = append(b.Offsets, int64(100+i))
	}
	b.Length = rows
	return b
}

func dump(b *batch.Batch) string {
	var s strings.Builder
	for i := range b.Length {
		for c := range b.Columns {
			v := &b.Columns[c]
			switch {
			case v.IsNull(i):
				s.WriteString("NULL ")
			case v.Kind == types.Boolean:
				fmt.Fprintf(&s, "%v ", v.Bool[i])
			case v.Kind == types.BigInt:
				fmt.Fprintf(&s, "%d ", v.Int64[i])
			case v.Kind == types.Double:
				fmt.Fprintf(&s, "%v ", v.Float64[i])
			default:
				fmt.Fprintf(&s, "%s ", v.Bytes(i))
			}
		}
		fmt.Fprintf(&s, "w%d o%d\n", b.RowWatermark[i], b.Offsets[i])
	}
	return s.String()
}

func TestAppendSelectedCopiesWhatAppendRowCopies(t *testing.T) {
	cases := map[string]struct {
		selection  []int32
		holes      bool
		beforehand bool // the destination has a row with NULLs already
	}{
		"all rows":                      {},
		"all rows with NULLs":           {holes: true},
		"some rows":                     {selection: []int32{0, 2, 5}},
		"some rows with NULLs":          {selection: []int32{1, 2, 6}, holes: true},
		"no row":                        {selection: []int32{}},
		"behind rows that have NULLs":   {selection: []int32{1, 2, 3}, beforehand: true},
		"NULLs behind rows with NULLs":  {selection: []int32{1, 2, 3}, beforehand: true, holes: true},
		"all rows behind rows of NULLs": {beforehand: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			src := sample(7, c.holes)
			src.Selection = c.selection
			var whole, single batch.Batch
			whole.Reset(kinds())
			single.Reset(kinds())
			if c.beforehand {
				whole.AppendRow(sample(1, true), 0)
				single.AppendRow(sample(1, true), 0)
			}
			whole.AppendSelected(src)
			if c.selection == nil {
				for i := range src.Length {
					single.AppendRow(src, i)
				}
			}
			for _, i := range c.selection {
				single.AppendRow(src, int(i))
			}
			if whole.Length != single.Length || dump(&whole) != dump(&single) {
				t.Errorf("got\n%swant\n%s", dump(&whole), dump(&single))
			}
		})
	}
}

func TestResizedVectorHasNoNullsOfItsFormerLife(t *testing.T) {
	var v batch.Vector
	v.Reset(types.String)
	v.AppendBytes([]byte("old"))
	v.AppendNull()
	v.Resize(types.BigInt, 3)
	v.Int64[0], v.Int64[1], v.Int64[2] = 1, 2, 3
	v.SetNull(1)
	v.Resize(types.BigInt, 2)
	if v.Len() != 2 || v.IsNull(0) || v.IsNull(1) {
		t.Errorf("%d slots, NULL %v %v", v.Len(), v.IsNull(0), v.IsNull(1))
	}
	v.Resize(types.Null, 2)
	if v.Len() != 2 || !v.IsNull(0) || !v.IsNull(1) {
		t.Error("a vector of kind NULL holds NULLs only")
	}
}

func TestAppendReusesMemory(t *testing.T) {
	src := sample(512, true)
	var b batch.Batch
	if n := testing.AllocsPerRun(20, func() {
		b.Reset(kinds())
		b.AppendSelected(src)
	}); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

func TestSizeBytesCountsValues(t *testing.T) {
	b := sample(2, false)
	// 2 bools, 2+2 words, 2 views with 4 bytes, 2 null marks, 2+2 words of watermarks and offsets.
	if got, want := b.SizeBytes(), 2+32+16+4+2+32; got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}
