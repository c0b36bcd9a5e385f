package killpoints

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	feedEvery   = 500 * time.Millisecond
	rowsPerFeed = 6
	keys        = 3
	inputs      = int32(2) // partitions
	window      = 20 * time.Second
	// farAhead is where the last rows are, which close all windows but their own.
	farAhead = 10 * time.Minute
)

// The queries. Each copies every row, and counts the rows of each key in each window; what they count besides tells them apart.
const (
	tables = `
CREATE TABLE rows_in (k STRING, id BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH ('topic' = 'in', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE copies (k STRING, id BIGINT) WITH ('topic' = 'copies', 'format' = 'json');
`
	counting = tables + `CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT) WITH ('topic' = 'counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id FROM rows_in;
INSERT INTO counts SELECT k, window_start, COUNT(*) FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY k, window_start, window_end;`
	// otherState keeps one function more.
	otherState = tables + `CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT, most BIGINT) WITH ('topic' = 'counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id FROM rows_in;
INSERT INTO counts SELECT k, window_start, COUNT(*), MAX(id) FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY k, window_start, window_end;`
	// poisoned keeps one function more, too, and can't process a row that counting can.
	poisoned = tables + `CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT, most BIGINT) WITH ('topic' = 'counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id / (CASE WHEN k = 'poison' THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END) FROM rows_in;
INSERT INTO counts SELECT k, window_start, COUNT(*), MAX(id) FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY k, window_start, window_end;`
	// poisonedLate can't process the window of such a row once it has ended: behind the exchange, where what waits is committed already.
	poisonedLate = tables + `CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT, most BIGINT) WITH ('topic' = 'counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id FROM rows_in;
INSERT INTO counts SELECT k, window_start, COUNT(*), MAX(id) / (CASE WHEN k = 'poison' THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END) FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY k, window_start, window_end;`
	// failing compiles, and fails on each row.
	failing = tables + `CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT, most BIGINT) WITH ('topic' = 'counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id FROM rows_in;
INSERT INTO counts SELECT k, window_start, COUNT(*), MAX(id / (id - id)) FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY k, window_start, window_end;`
	// sameState writes another column of what it keeps.
	sameState = tables + `CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT, window_end TIMESTAMP) WITH ('topic' = 'counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id FROM rows_in;
INSERT INTO counts SELECT k, window_start, COUNT(*), window_end FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY k, window_start, window_end;`
)

// load is what was fed, and what must come of it.
type load struct {
	client *kgo.Client
	next   int64
	// partitions are those that were added.
	partitions atomic.Int32
	// poison has the next row be one that the query poisoned can't process.
	poison atomic.Bool
	counts map[string]int64 // of windows that are closed in the end
}

func row(k string, id, ts int64) []byte {
	return fmt.Appendf(nil, `{"k":%q,"id":%d,"ts":%d}`, k, id, ts)
}

// feed writes rows whose time is the clock's, until stop is closed; then such that close all windows.
func (l *load) feed(ctx context.Context, stop <-chan struct{}) error {
	tick := time.NewTicker(feedEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-stop:
			last := time.Now().Add(farAhead).UnixMilli()
			var records []*kgo.Record
			for p := range inputs + l.partitions.Load() {
				records = append(records, &kgo.Record{Topic: "in", Partition: p, Value: row("last", l.next, last)})
				l.next++
			}
			return l.client.ProduceSync(ctx, records...).FirstErr()
		case <-tick.C:
		}
		ts := time.Now().UnixMilli()
		var records []*kgo.Record
		for range rowsPerFeed {
			k := fmt.Sprintf("k%d", l.next%keys)
			if l.poison.CompareAndSwap(true, false) {
				k = "poison"
			}
			records = append(records, &kgo.Record{Topic: "in", Partition: int32(l.next) % inputs, Value: row(k, l.next, ts)})
			l.counts[countKey(k, ts/window.Milliseconds()*window.Milliseconds())]++
			l.next++
		}
		if err := l.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
			return err
		}
	}
}

func countKey(k string, start int64) string { return fmt.Sprintf("%s from %d", k, start) }

// seen is what came out, as those read who read what is committed.
type seen struct {
	copies map[int64]int
	counts map[string][]int64
}

// gather reads the output until it is whole, or for so long; and then a little more, for what should not be there.
func (l *load) gather(ctx context.Context, brokers []kgo.Opt, j judges, patience time.Duration) (*seen, error) {
	cl, err := kgo.NewClient(append(brokers, kgo.ConsumeTopics("copies", "counts"), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	s := &seen{copies: map[int64]int{}, counts: map[string][]int64{}}
	const more = 5 * time.Second
	for until, whole := time.Now().Add(patience), false; time.Now().Before(until); {
		poll, cancel := context.WithTimeout(ctx, time.Second)
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) { err = errorsFirst(err, s.take(r)) })
		cancel()
		if err != nil {
			return nil, err
		}
		if !whole && (j == soFar || j == nothingOut || j == rangeOnly || l.judge(s, j) == "") {
			whole, until = true, time.Now().Add(more)
		}
	}
	return s, nil
}

func errorsFirst(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func decode(value []byte, into any) error {
	if err := json.Unmarshal(value, into); err != nil {
		return fmt.Errorf("%s: %w", value, err)
	}
	return nil
}

func (s *seen) take(r *kgo.Record) error {
	var out struct {
		K     string `json:"k"`
		ID    int64  `json:"id"`
		Start int64  `json:"window_start"`
		N     int64  `json:"n"`
	}
	if err := decode(r.Value, &out); err != nil {
		return err
	}
	if r.Topic == "copies" {
		s.copies[out.ID]++
		return nil
	}
	key := countKey(out.K, out.Start)
	s.counts[key] = append(s.counts[key], out.N)
	return nil
}

// judgeCopies says what is wrong with the rows that are copied.
func (l *load) judgeCopies(s *seen, j judges, say func(format string, args ...any)) {
	twice, missing := 0, 0
	for id := range l.next {
		switch n := s.copies[id]; {
		case n > 1:
			twice++
		case n == 0:
			missing++
		}
	}
	if twice > 0 && j != atLeastOnce {
		say("%d of %d rows came twice", twice, l.next)
	}
	if missing > 0 && j != soFar {
		say("%d of %d rows did not come", missing, l.next)
	}
}

// judge says what is wrong with what came out: rows that came twice, windows that count others than were fed, and what is missing where the job
// was to read everything.
func (l *load) judge(s *seen, j judges) string {
	if j == nothingOut {
		return ""
	}
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	l.judgeCopies(s, j, say)
	if j == copiesOnly {
		return strings.Join(wrong, "; ")
	}
	for _, key := range slices.Sorted(maps.Keys(s.counts)) {
		if got := s.counts[key]; len(got) != 1 && j != atLeastOnce || slices.ContainsFunc(got, func(n int64) bool { return n != l.counts[key] }) {
			say("%s: counted %v, were %d", key, got, l.counts[key])
		}
	}
	if j == everything || j == atLeastOnce {
		for _, key := range slices.Sorted(maps.Keys(l.counts)) {
			if len(s.counts[key]) == 0 {
				say("%s: not counted, were %d", key, l.counts[key])
			}
		}
	}
	return strings.Join(wrong, "; ")
}
