package measure

import "testing"

func TestPercentile(t *testing.T) {
	hundred := make([]int64, 100)
	for i := range hundred {
		hundred[i] = int64(i + 1)
	}
	for _, c := range []struct {
		values []int64
		share  float64
		want   float64
	}{{hundred, 0.5, 51}, {hundred, 0.99, 100}, {hundred, 0.999, 100}, {[]int64{7}, 0.5, 7}, {[]int64{7}, 0.999, 7}} {
		if got := Percentile(c.values, c.share); got != c.want {
			t.Errorf("%v of %d values: %v, want %v", c.share, len(c.values), got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for object, want := range map[string]int64{`{"a":1,"endtime":1795000000000}`: 1795000000000, `{"endtime": -5,"a":1}`: -5} {
		if got, ok := Number([]byte(object), "endtime"); !ok || got != want {
			t.Errorf("%s: %d, %v", object, got, ok)
		}
	}
	for _, object := range []string{`{"a":1}`, `{"endtime":"x"}`, `{"endtime":null}`} {
		if got, ok := Number([]byte(object), "endtime"); ok {
			t.Errorf("%s: %d", object, got)
		}
	}
}
