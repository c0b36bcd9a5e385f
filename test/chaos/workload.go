package main

import (
	"math/rand/v2"
	"strconv"
)

const (
	keys = 2000
	// Event time in milliseconds. Rows come in disorder within what the watermark allows; one in lateOneIn comes after its
	// window has fired.
	eventBegin     = 1_000_000_000_000
	disorderMillis = 4000
	lateOneIn      = 100
	lateMillis     = 60_000
	closingMillis  = 1_000_000_000
	closingKey     = -1
)

// row is a row of the input.
type row struct {
	partition int32
	key       int
	id        int64 // from 1, in the order of making
	millis    int64
}

func (r row) window() window { return window{r.key, r.millis / windowMillis * windowMillis} }

// json appends the row as the job reads it.
func (r row) json(to []byte) []byte {
	to = append(to, `{"k":"`...)
	to = append(to, keyName(r.key)...)
	to = append(to, `","id":`...)
	to = strconv.AppendInt(to, r.id, 10)
	to = append(to, `,"ts":`...)
	to = strconv.AppendInt(to, r.millis, 10)
	return append(to, '}')
}

func keyName(key int) string {
	if key == closingKey {
		return "end"
	}
	return "k" + strconv.Itoa(key)
}

// window is a group of the counts: a key and a window's start.
type window struct {
	key    int
	millis int64
}

// workload makes rows, and with them the answer. Event time goes by the rows' numbers, not by the clock, so that a seed is
// the same rows however the run goes.
type workload struct {
	dice   *rand.Rand
	rate   int64
	latest [partitions]int64 // the latest event time of each partition
	rows   int64
	late   int64
	counts map[window]int64
}

func newWorkload(seed uint64, rate int64) *workload {
	return &workload{dice: rand.New(rand.NewPCG(seed, 1)), rate: rate, counts: map[window]int64{}}
}

// next makes a row. Whether it counts depends on the rows of its own partition before it, and on nothing else.
func (w *workload) next() row {
	now := eventBegin + w.rows*1000/w.rate
	r := w.numbered(w.dice.IntN(keys), now-w.dice.Int64N(disorderMillis))
	if w.dice.IntN(lateOneIn) == 0 {
		old := r
		old.millis -= lateMillis
		if old.window().millis+windowMillis <= w.latest[r.partition]-lagMillis {
			w.late++
			return old
		}
	}
	w.counts[r.window()]++
	w.latest[r.partition] = max(w.latest[r.partition], r.millis)
	return r
}

// closing makes the last row of a partition. The windows of these rows stay open, and all others are complete with them.
func (w *workload) closing() row { return w.numbered(closingKey, eventBegin+closingMillis) }

func (w *workload) numbered(key int, millis int64) row {
	r := row{partition: int32(w.rows % partitions), key: key, id: w.rows + 1, millis: millis}
	w.rows++
	return r
}
