package kernel_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/millrace/millrace/runtime/kernel"
)

// TestIntegersOverflowAsBigOnesDoNot compares with exact integers, at the edges and at random.
func TestIntegersOverflowAsBigOnesDoNot(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	values := []int64{0, 1, -1, 2, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1, 3037000499, 3037000500, -3037000500, math.MaxInt32, math.MinInt32}
	for range 40 {
		values = append(values, int64(random.Uint64())>>random.IntN(64))
	}
	operators := map[string]struct {
		fast  func(dst, a, b []int64, sel []int32) bool
		one   func(a, b int64) (int64, bool)
		exact func(z, x, y *big.Int) *big.Int
	}{
		"+": {kernel.Add, kernel.AddOne, (*big.Int).Add},
		"-": {kernel.Subtract, kernel.SubtractOne, (*big.Int).Sub},
		"*": {kernel.Multiply, kernel.MultiplyOne, (*big.Int).Mul},
		"/": {nil, kernel.DivideOne, (*big.Int).Quo},
		"%": {nil, kernel.RemainderOne, (*big.Int).Rem},
	}
	for name, o := range operators {
		for _, a := range values {
			for _, b := range values {
				got, ok := o.one(a, b)
				if b == 0 && o.fast == nil {
					if ok {
						t.Errorf("%d %s 0 has a value", a, name)
					}
					continue
				}
				want := o.exact(new(big.Int), big.NewInt(a), big.NewInt(b))
				if ok != want.IsInt64() || ok && got != want.Int64() {
					t.Errorf("%d %s %d is %d, %v, want %v", a, name, b, got, ok, want)
				}
				if o.fast != nil {
					checkLoop(t, name, o.fast, a, b, got, ok)
				}
			}
		}
	}
}

func checkLoop(t *testing.T, name string, loop func(dst, a, b []int64, sel []int32) bool, a, b, want int64, fine bool) {
	t.Helper()
	for _, sel := range [][]int32{nil, {0}} {
		dst := make([]int64, 1)
		failed := loop(dst, []int64{a}, []int64{b}, sel)
		if failed == fine || fine && dst[0] != want {
			t.Errorf("%d %s %d is %d, failed %v, in a loop", a, name, b, dst[0], failed)
		}
	}
}

func TestNaNIsAboveAllNumbers(t *testing.T) {
	order := []float64{math.Inf(-1), -1, 0, 1, math.Inf(1), math.NaN()}
	for i, a := range order {
		for j, b := range order {
			want := 0
			switch {
			case i < j:
				want = -1
			case i > j:
				want = 1
			}
			if got := kernel.Compare(a, b); got != want {
				t.Errorf("%v to %v is %d, want %d", a, b, got, want)
			}
			dst := make([]bool, 1)
			kernel.Equal(dst, []float64{a}, []float64{b}, nil, false)
			if dst[0] != (want == 0) {
				t.Errorf("%v = %v is %v", a, b, dst[0])
			}
		}
	}
	if kernel.Compare(math.Copysign(0, -1), 0.0) != 0 {
		t.Error("-0 is not 0")
	}
}
