package worker

import (
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/connector"
	"github.com/millrace/millrace/runtime/connector/kafka"
)

func TestAReadingKnowsTheOldestAndTheNewestRecordOfItsBatches(t *testing.T) {
	batch := func(bytes int64, micros ...int64) *kafka.Fetched {
		f := &kafka.Fetched{Bytes: bytes}
		for _, m := range micros {
			f.Records = append(f.Records, connector.Record{TimestampMicros: m})
		}
		return f
	}
	for name, c := range map[string]struct {
		batches []*kafka.Fetched
		want    reading
	}{
		"one record":                      {[]*kafka.Fetched{batch(7, 5)}, reading{7, 5, 5}},
		"batches out of order":            {[]*kafka.Fetched{batch(1, 50, 60), batch(2, 20, 30)}, reading{3, 20, 60}},
		"a batch whose last is the older": {[]*kafka.Fetched{batch(1, 9, 4)}, reading{1, 4, 9}},
		"records without timestamps":      {[]*kafka.Fetched{batch(1, -1000, 0)}, reading{bytes: 1}},
		"some without":                    {[]*kafka.Fetched{batch(1, -1000, 8)}, reading{1, 8, 8}},
	} {
		t.Run(name, func(t *testing.T) {
			var r reading
			for _, b := range c.batches {
				r.take(b)
			}
			if r != c.want {
				t.Errorf("got %+v, want %+v", r, c.want)
			}
		})
	}
}

func TestFetchesAreBoundedAndNoBatchIsLost(t *testing.T) {
	var f fetches
	begin := time.Unix(1000, 0)
	batches := int64(0)
	for i := range 10 * mostFetches {
		for range 3 {
			f.add(begin.Add(time.Duration(i) * time.Millisecond))
			batches++
		}
		if len(f) > mostFetches {
			t.Fatalf("%d are remembered", len(f))
		}
	}
	sum := int64(0)
	for i, one := range f {
		sum += one.batches
		if i > 0 && !f[i-1].at.Before(one.at) {
			t.Fatalf("%v does not come before %v", f[i-1].at, one.at)
		}
	}
	if sum != batches || !f[0].at.Equal(begin) {
		t.Errorf("%d of %d batches from %v on", sum, batches, f[0].at)
	}
}
