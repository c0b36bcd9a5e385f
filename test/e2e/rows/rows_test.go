package rows_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/millrace/millrace/test/e2e/rows"
)

func at(sensor string, seconds, value int64) rows.Reading {
	return rows.Reading{Sensor: sensor, Value: value, TakenAt: 1_700_000_000_000 + seconds*1000}
}

func first(sensor string) rows.Group {
	return rows.Group{Sensor: sensor, WindowStart: 1_700_000_000_000}
}

func TestExpect(t *testing.T) {
	cases := map[string]struct {
		in   [][]rows.Reading
		want rows.Expected
	}{
		"a window ends when all partitions are past it": {
			[][]rows.Reading{{at("a", 1, 5), at("a", 9, 6), at("b", 12, 0)}, {at("a", 2, 7), at("b", 11, 0)}},
			rows.Expected{Rows: 5, Sums: map[rows.Group]rows.Sum{}},
		},
		"and at the very moment": {
			[][]rows.Reading{{at("a", 1, 5), at("a", 9, 6), at("b", 12, 0)}, {at("a", 2, 7), at("b", 12, 0)}},
			rows.Expected{Rows: 5, Sums: map[rows.Group]rows.Sum{first("a"): {Readings: 3, Total: 18}}},
		},
		"a row is late by its own partition": {
			[][]rows.Reading{{at("a", 12, 0), at("a", 1, 5)}, {at("a", 2, 7), at("b", 12, 0)}},
			rows.Expected{Rows: 4, Late: 1, Sums: map[rows.Group]rows.Sum{first("a"): {Readings: 1, Total: 7}}},
		},
		"a row behind the watermark counts while its window has not ended": {
			[][]rows.Reading{{at("a", 11, 0), at("a", 1, 5), at("b", 12, 0)}},
			rows.Expected{Rows: 3, Sums: map[rows.Group]rows.Sum{first("a"): {Readings: 1, Total: 5}}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := rows.Expect(c.in); !reflect.DeepEqual(got, c.want) {
				t.Errorf("\n got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestDifferencesAreSaid(t *testing.T) {
	e := rows.Expected{Sums: map[rows.Group]rows.Sum{
		first("a"): {Readings: 1, Total: 1}, first("b"): {Readings: 1, Total: 2},
		first("c"): {Readings: 1, Total: 3}, first("d"): {Readings: 1, Total: 4}, first(rows.Noise): {Readings: 9},
	}}
	var r rows.Results
	r.Add(first("a"), rows.Sum{Readings: 1, Total: 1})
	r.Add(first("b"), rows.Sum{Readings: 1, Total: 2})
	r.Add(first("b"), rows.Sum{Readings: 1, Total: 2})
	r.Add(first("c"), rows.Sum{Readings: 2, Total: 3})
	r.Add(first("e"), rows.Sum{Readings: 2, Total: 3})
	r.Without(rows.Noise, &e)
	if got := r.Missing(e); got != 1 {
		t.Errorf("missing %d, want 1", got)
	}
	want := []string{"b from 22:13:20: 2 times", "c from 22:13:20: came out", "d from 22:13:20: missing", "e from 22:13:20: came out"}
	got := r.Differences(e)
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q, want %q …", got[i], want[i])
		}
	}
}

func TestAGeneratorMakesAllSortsOfReadings(t *testing.T) {
	g, again := rows.NewGenerator(1), rows.NewGenerator(1)
	var list []rows.Reading
	for range 1000 {
		list = append(list, g.Next())
		if again.Next() != list[len(list)-1] {
			t.Fatal("two generators of a partition differ")
		}
	}
	list = append(list, g.Close())
	back, err := rows.DecodeReading(list[999].Encode())
	if err != nil || back != list[999] {
		t.Errorf("got %+v %v", back, err)
	}
	e := rows.Expect([][]rows.Reading{list})
	noise := 0
	for g := range e.Sums {
		if g.Sensor == rows.Noise {
			noise++
		}
	}
	if e.Late == 0 || noise < 9 || len(e.Sums) < 80 {
		t.Errorf("%d late, %d windows of noise, %d in all", e.Late, noise, len(e.Sums))
	}
}
