package worker

import (
	"time"

	"github.com/millrace/millrace/runtime/connector"
	"github.com/millrace/millrace/runtime/connector/kafka"
)

// mostFetches bounds what is remembered of the fetches of one commit.
const mostFetches = 256

// reading is what a task has taken of its input since its last commit. The zero value is nothing.
type reading struct {
	bytes int64
	// oldest and newest are timestamps of records, in microseconds since the epoch: the least and the largest among the first and the last
	// record of each batch, so that no record is looked at for it. A newest of 0 is none.
	oldest, newest int64
}

// take adds what a fetch brought.
func (r *reading) take(f *kafka.Fetched) {
	r.bytes += f.Bytes
	r.see(f.Records[0].TimestampMicros)
	r.see(f.Records[len(f.Records)-1].TimestampMicros)
}

// see takes a timestamp. Records of before Kafka 0.10 have none, or -1.
func (r *reading) see(micros int64) {
	if micros <= 0 {
		return
	}
	if r.newest == 0 {
		r.oldest = micros
	}
	r.oldest, r.newest = min(r.oldest, micros), max(r.newest, micros)
}

// made adds records that are made here: they have bytes, and timestamps of no clock.
func (r *reading) made(records []connector.Record) {
	for i := range records {
		r.bytes += int64(len(records[i].Key) + len(records[i].Value))
	}
}

// fetch is when batches came, and how many at that moment.
type fetch struct {
	at      time.Time
	batches int64
}

// fetches are those whose batches the open commit will cover, in order. Neighbours become one, of the earlier time, where there are too many.
type fetches []fetch

// add notes a batch.
func (f *fetches) add(at time.Time) {
	list := *f
	if n := len(list); n > 0 && list[n-1].at.Equal(at) {
		list[n-1].batches++
		return
	}
	if len(list) == mostFetches {
		for i := range mostFetches / 2 {
			list[i] = fetch{list[2*i].at, list[2*i].batches + list[2*i+1].batches}
		}
		list = list[:mostFetches/2]
	}
	*f = append(list, fetch{at, 1})
}

// forget begins the next commit; the memory is kept.
func (f *fetches) forget() { *f = (*f)[:0] }
