package answer_test

import (
	"testing"

	"github.com/millrace/millrace/bench/answer"
)

type record struct{ key, value string }

const start = `"starttime":10000,"endtime":20000}`

func TestAnswersAreEqualWhateverTheEngineWroteThemLike(t *testing.T) {
	for name, c := range map[string]struct {
		query       string
		left, right []record
		updates     bool
		equal       bool
	}{
		"the order of the rows does not count": {
			query: "q2", equal: true,
			left:  []record{{value: `{"auction":1,"price":2}`}, {value: `{"auction":3,"price":4}`}},
			right: []record{{value: `{"auction":3,"price":4}`}, {value: `{"auction":1,"price":2}`}},
		},
		"a row twice is not a row once": {
			query: "q2",
			left:  []record{{value: `{"auction":1,"price":2}`}},
			right: []record{{value: `{"auction":1,"price":2}`}, {value: `{"auction":1,"price":2}`}},
		},
		"neither spaces nor the order of the columns count": {
			query: "q2", equal: true,
			left:  []record{{value: `{"auction":1,"price":2}`}},
			right: []record{{value: `{ "price": 2, "auction": 1 }`}},
		},
		"a decimal is compared to three digits, and may be a string": {
			query: "q1", equal: true,
			left:  []record{{value: `{"auction":1,"bidder":2,"price":90.80000000000001,"dateTime":3,"extra":"a\"b"}`}},
			right: []record{{value: `{"auction":1,"bidder":2,"price":"90.800","dateTime":3,"extra":"a\u0022b"}`}},
		},
		"a null may be left out": {
			query: "q22", equal: true,
			left:  []record{{value: `{"auction":1,"bidder":2,"price":3,"channel":"a","dir1":"b","dir2":null,"dir3":null}`}},
			right: []record{{value: `{"auction":1,"bidder":2,"price":3,"channel":"a","dir1":"b"}`}},
		},
		"an empty string is no null": {
			query: "q22",
			left:  []record{{value: `{"auction":1,"bidder":2,"price":3,"channel":"a","dir1":""}`}},
			right: []record{{value: `{"auction":1,"bidder":2,"price":3,"channel":"a"}`}},
		},
		"the last value of a key counts, and one that was taken back does not": {
			query: "q12", updates: true, equal: true,
			left: []record{{value: `{"bidder":1,"bid_count":3,` + start}},
			right: []record{
				{"a", `{"bidder":1,"bid_count":2,` + start},
				{"b", `{"bidder":2,"bid_count":2,` + start},
				{"a", `{"bidder":1,"bid_count":3,` + start},
				{"b", ""},
			},
		},
		"a window of the closing events does not count": {
			query: "q12", equal: true,
			left:  []record{{value: `{"bidder":1,"bid_count":3,` + start}},
			right: []record{{value: `{"bidder":1,"bid_count":3,` + start}, {value: `{"bidder":1,"bid_count":1,"starttime":3600000,"endtime":3610000}`}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			left, right := collect(t, c.query, c.left, false), collect(t, c.query, c.right, c.updates)
			if (left == right) != c.equal {
				t.Errorf("got %v and %v, want equal: %v", left, right, c.equal)
			}
		})
	}
}

func TestRowsThatAreNoneAreRefused(t *testing.T) {
	for name, value := range map[string]string{
		"not an object":     `[1]`,
		"a foreign column":  `{"auction":1,"price":2,"bidder":3}`,
		"no number":         `{"auction":1,"price":"two"}`,
		"a number cut off":  `{"auction":}`,
		"a name without it": `{"auction}`,
	} {
		t.Run(name, func(t *testing.T) {
			q, err := answer.Named("q2")
			if err != nil {
				t.Fatal(err)
			}
			if err := answer.NewCollector(q, 0, false).Add(nil, []byte(value)); err == nil {
				t.Errorf("%s was taken", value)
			}
		})
	}
}

func collect(t *testing.T, query string, records []record, updates bool) answer.Answer {
	t.Helper()
	q, err := answer.Named(query)
	if err != nil {
		t.Fatal(err)
	}
	const lastStart = 100_000
	c := answer.NewCollector(q, lastStart, updates)
	for _, r := range records {
		value := []byte(r.value)
		if r.value == "" {
			value = nil
		}
		if err := c.Add([]byte(r.key), value); err != nil {
			t.Fatal(err)
		}
	}
	return c.Answer()
}
