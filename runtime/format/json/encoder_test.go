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

func TestDoublesAreWrittenAsTheShortestThatReadBack(t *testing.T) {
	schema := schemaOf(t, "x DOUBLE")
	b := newBatch(schema)
	rng := rand.New(rand.NewPCG(4, 4))
	add := func(x float64) {
		for _, x := range []float64{x, -x, math.Nextafter(x, 0), math.Nextafter(x, math.Inf(1))} {
			b.Columns[0].AppendFloat64(x)
			b.Length++
		}
	}
	for _, x := range []float64{1, 0.5, 0.1, 0.908, 1e-6, 1.5e-6, 999_999_999.999999, 1e9, 1e15, 1e20, 123456.789012, 0.000012} {
		add(x)
	}
	for range 50_000 {
		add(0.908 * float64(rng.IntN(1<<rng.IntN(40))+1))
		add(float64(rng.IntN(1<<40)+1) / math.Pow10(rng.IntN(10)))
		add(math.Exp(rng.Float64()*40 - 12))
	}
	e := newEncoder(t, schema)
	var out []byte
	for row := range b.Length {
		var err error
		if out, err = e.Encode(out[:0], b, row); err != nil {
			t.Fatal(err)
		}
		x := b.Columns[0].Float64[row]
		if math.Abs(x) < 1e-6 || math.Abs(x) >= 1e21 {
			continue
		}
		if want := `{"x":` + strconv.FormatFloat(x, 'f', -1, 64) + `}`; string(out) != want {
			t.Fatalf("%s, want %s", out, want)
		}
	}
}
