package json_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestIntegersAreWrittenAsStrconvDoes(t *testing.T) {
	schema := schemaOf(t, "x BIGINT")
	b := newBatch(schema)
	rng := rand.New(rand.NewPCG(3, 3))
	add := func(x int64) {
		b.Columns[0].AppendInt64(x)
		b.Length++
	}
	for p := int64(1); p < math.MaxInt64/10; p *= 10 {
		for _, x := range []int64{p - 1, p, p + 1, -p, 1 - p, 9 * p} {
			add(x)
		}
	}
	add(math.MaxInt64)
	add(math.MinInt64)
	for range 20_000 {
		add(rng.Int64() >> rng.IntN(64) * (1 - 2*rng.Int64N(2)))
	}
	e := newEncoder(t, schema)
	var out []byte
	for row := range b.Length {
		var err error
		if out, err = e.Encode(out[:0], b, row); err != nil {
			t.Fatal(err)
		}
		if want := `{"x":` + strconv.FormatInt(b.Columns[0].Int64[row], 10) + `}`; string(out) != want {
			t.Fatalf("got %s, want %s", out, want)
		}
	}
}
