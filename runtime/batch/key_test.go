package batch_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

func TestKeysSortAsTheirValuesAndReadBack(t *testing.T) {
	fill := map[types.Kind]func(v *batch.Vector){
		types.BigInt: func(v *batch.Vector) {
			for _, x := range []int64{math.MinInt64, -1, 0, 1, 255, 256, math.MaxInt64} {
				v.AppendInt64(x)
			}
		},
		types.Double: func(v *batch.Vector) {
			for _, x := range []float64{math.Inf(-1), -1.5, -5e-324, 0, 5e-324, 1.5, math.MaxFloat64, math.Inf(1), math.NaN()} {
				v.AppendFloat64(x)
			}
		},
		types.Boolean: func(v *batch.Vector) { v.AppendBool(false); v.AppendBool(true) },
		types.String: func(v *batch.Vector) {
			for _, x := range []string{"", "a", "b", "ab"} {
				v.AppendBytes([]byte(x))
			}
		},
	}
	for kind, f := range fill {
		t.Run(kind.String(), func(t *testing.T) {
			columns := make([]batch.Vector, 2)
			for i := range columns {
				columns[i].Reset(kind)
				columns[i].AppendNull()
				f(&columns[i])
			}
			back := batch.Vector{Kind: kind}
			var last []byte
			for row := range columns[0].Len() {
				key := columns[0].AppendKey(nil, row)
				if row > 0 && bytes.Compare(last, key) >= 0 {
					t.Errorf("row %d: %x is not above %x", row, key, last)
				}
				last = key
				two := batch.AppendKey(nil, columns, []int{1, 0}, row)
				rest, ok := back.AppendFromKey(two)
				if !ok || !bytes.Equal(rest, key) {
					t.Errorf("row %d: %x read as %v, rest %x", row, two, ok, rest)
				}
				if again := back.AppendKey(nil, row); !bytes.Equal(again, key) {
					t.Errorf("row %d: %x became %x", row, key, again)
				}
				cutKeys(t, kind, key)
			}
		})
	}
}

// cutKeys expects that no beginning of a key is read as one.
func cutKeys(t *testing.T, kind types.Kind, key []byte) {
	t.Helper()
	for cut := range key {
		if _, ok := (&batch.Vector{Kind: kind}).AppendFromKey(key[:cut]); ok {
			t.Errorf("%d bytes of %x were read", cut, key)
		}
	}
}

func TestEqualValuesHaveOneKey(t *testing.T) {
	v := batch.Vector{Kind: types.Double}
	v.AppendFloat64(0)
	v.AppendFloat64(math.Copysign(0, -1))
	v.AppendFloat64(math.NaN())
	v.AppendFloat64(math.Float64frombits(math.Float64bits(math.NaN()) ^ 1))
	for _, row := range []int{0, 2} {
		if a, b := v.AppendKey(nil, row), v.AppendKey(nil, row+1); !bytes.Equal(a, b) {
			t.Errorf("%v and %v: %x and %x", v.Float64[row], v.Float64[row+1], a, b)
		}
	}
	i, l := batch.Vector{Kind: types.Int}, batch.Vector{Kind: types.BigInt}
	i.AppendInt64(-7)
	l.AppendInt64(-7)
	if a, b := i.AppendKey(nil, 0), l.AppendKey(nil, 0); !bytes.Equal(a, b) || !bytes.Equal(a, batch.AppendInt64Key(nil, -7)) {
		t.Errorf("INT %x, BIGINT %x", a, b)
	}
}
