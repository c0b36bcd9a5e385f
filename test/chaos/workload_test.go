package main

import (
	"encoding/json"
	"testing"
)

// What the truth says of a row must follow from SQL's rule alone: it counts if its window ends after the watermark of its
// partition just before it.
func TestTheTruthFollowsFromTheRows(t *testing.T) {
	w := newWorkload(3, 1000)
	var watermark [partitions]int64
	counts, late := map[window]int64{}, int64(0)
	for n := range int64(200_000) {
		r := w.next()
		if r.id != n+1 {
			t.Fatalf("row %d has the number %d", n, r.id)
		}
		if r.window().millis+windowMillis > watermark[r.partition] {
			counts[r.window()]++
		} else {
			late++
		}
		watermark[r.partition] = max(watermark[r.partition], r.millis-lagMillis)
	}
	if late != w.late || late < 1000 {
		t.Errorf("%d rows are late, the workload says %d", late, w.late)
	}
	if len(counts) != len(w.counts) {
		t.Fatalf("%d windows, the workload has %d", len(counts), len(w.counts))
	}
	for at, n := range counts {
		if w.counts[at] != n {
			t.Fatalf("%v: %d rows, the workload has %d", at, n, w.counts[at])
		}
	}
}

func TestARowIsJSON(t *testing.T) {
	var got struct {
		K  string
		ID int64
		TS int64
	}
	if err := json.Unmarshal(row{key: 12, id: 34, millis: 56}.json(nil), &got); err != nil || got.K != "k12" || got.ID != 34 || got.TS != 56 {
		t.Errorf("%+v, %v", got, err)
	}
}
