package postgresstore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTheLastChangeOfAKeyCounts collects random changes, and compares what goes out with a map.
func TestTheLastChangeOfAKeyCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var r rows
	for range 500 {
		want := map[string]string{}
		for n := range rng.IntN(60) {
			key, value := fmt.Sprintf("%02d", rng.IntN(20)), fmt.Sprintf("=%d", n)
			if rng.IntN(4) == 0 {
				r.delete([]byte(key))
				value = "gone"
			} else {
				r.put([]byte(key), []byte(value))
			}
			want[key] = value
		}
		r.sort()
		got, limit := map[string]string{}, 1+rng.IntN(40)
		for from := 0; from < len(r.list); {
			before := from
			if from = r.take(from, limit); from == before {
				t.Fatal("no step forward")
			}
			if !slices.IsSortedFunc(r.keys, slices.Compare) || len(r.keys) != len(r.values) {
				t.Fatalf("%q, %d values", r.keys, len(r.values))
			}
			for i, key := range r.keys {
				got[string(key)] += string(r.values[i])
			}
			for _, key := range r.gone {
				got[string(key)] += "gone"
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v, want %v", got, want)
		}
		r.reset()
	}
}
