package object

import "testing"

func TestWithin(t *testing.T) {
	type m = map[string]any
	type l = []any
	cases := map[string]struct {
		want, have any
		is         bool
	}{
		"the same":                         {m{"a": int64(1)}, m{"a": int64(1)}, true},
		"what others added does not count": {m{"a": int64(1)}, m{"a": int64(1), "b": int64(2)}, true},
		"a value that drifted":             {m{"a": int64(1)}, m{"a": int64(2)}, false},
		"a field that is gone":             {m{"a": int64(1)}, m{}, false},
		"nested":                           {m{"a": m{"b": l{m{"c": "x"}}}}, m{"a": m{"b": l{m{"c": "x", "d": "y"}}}}, true},
		"a longer list":                    {m{"a": l{"x"}}, m{"a": l{"x", "y"}}, false},
		"an empty map is as good as none":  {m{"a": m{}}, m{}, true},
		"an empty list is as good as none": {m{"a": l{}}, m{}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := within(c.want, c.have); got != c.is {
				t.Errorf("got %v", got)
			}
		})
	}
}
