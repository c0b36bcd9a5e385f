package flow_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/nexmark"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
)

const (
	benchBids    = 50_000
	benchPortion = 4000 // records that a task is handed at once, as from one poll
)

// The queries are Nexmark's over a topic of bids, in our dialect. A tumbling count stands for the stateful ones; its
// source stage and its aggregate are measured apart.
var nexmarkQueries = map[string]string{
	"q0": `auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP, extra STRING | SELECT auction, bidder, price, dateTime, extra FROM bids`,
	"q1": `auction BIGINT, bidder BIGINT, price DOUBLE, dateTime TIMESTAMP, extra STRING | SELECT auction, bidder, 0.908 * price, dateTime, extra FROM bids`,
	"q2": `auction BIGINT, price BIGINT | SELECT auction, price FROM bids WHERE MOD(auction, 123) = 0`,
	"q14": `auction BIGINT, bidder BIGINT, price DOUBLE, time STRING, dateTime TIMESTAMP, extra STRING | SELECT auction, bidder, 0.908 * price,
		CASE WHEN EXTRACT(HOUR FROM dateTime) >= 8 AND EXTRACT(HOUR FROM dateTime) <= 18 THEN 'dayTime'
			WHEN EXTRACT(HOUR FROM dateTime) <= 6 OR EXTRACT(HOUR FROM dateTime) >= 20 THEN 'nightTime' ELSE 'otherTime' END, dateTime, extra
		FROM bids WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000`,
	"q21": `auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, channel_id STRING | SELECT auction, bidder, price, channel,
		CASE WHEN LOWER(channel) = 'apple' THEN '0' WHEN LOWER(channel) = 'google' THEN '1' WHEN LOWER(channel) = 'facebook' THEN '2'
			WHEN LOWER(channel) = 'baidu' THEN '3' ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END
		FROM bids WHERE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) IS NOT NULL OR LOWER(channel) IN ('apple', 'google', 'facebook', 'baidu')`,
	"q22": `auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, dir1 STRING, dir2 STRING, dir3 STRING | SELECT auction, bidder, price, channel,
		SPLIT_INDEX(url, '/', 3), SPLIT_INDEX(url, '/', 4), SPLIT_INDEX(url, '/', 5) FROM bids`,
	"tumble": `bidder BIGINT, start TIMESTAMP, bids BIGINT | SELECT bidder, window_start, COUNT(*)
		FROM TUMBLE(TABLE bids, DESCRIPTOR(dateTime), INTERVAL '10' SECOND) GROUP BY bidder, window_start, window_end`,
	"hop": `auction BIGINT, start TIMESTAMP, finish TIMESTAMP, bids BIGINT | SELECT auction, window_start, window_end, COUNT(*)
		FROM HOP(TABLE bids, DESCRIPTOR(dateTime), INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end`,
	"hop-100ms": `auction BIGINT, start TIMESTAMP, finish TIMESTAMP, bids BIGINT | SELECT auction, window_start, window_end, COUNT(*)
		FROM HOP(TABLE bids, DESCRIPTOR(dateTime), INTERVAL '0.1' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end`,
	"q11": `bidder BIGINT, bids BIGINT, start TIMESTAMP, finish TIMESTAMP | SELECT bidder, COUNT(*), window_start, window_end
		FROM SESSION(TABLE bids PARTITION BY bidder, DESCRIPTOR(dateTime), INTERVAL '10' SECOND) GROUP BY bidder, window_start, window_end`,
}

func nexmarkPlan(tb testing.TB, name, query string) *physical.Plan {
	tb.Helper()
	var columns, selects string
	for i, c := range query {
		if c == '|' && query[i-1] == ' ' {
			columns, selects = query[:i], query[i+1:]
			break
		}
	}
	sql := fmt.Sprintf(`
		CREATE TABLE bids (
			auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING,
			WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND
		) WITH ('topic' = 'bids', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
		CREATE TABLE out (%s) WITH ('topic' = 'out', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
		INSERT INTO out %s;`, columns, selects)
	plan, err := compile.Compile(spec.Job{Name: name, SQL: sql, File: name + ".sql", MaxParallelism: 8, BadRows: spec.BadRowsFail})
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

func nexmarkBids(tb testing.TB, n int) []task.Record {
	tb.Helper()
	generator, err := nexmark.New(nexmark.Config{EventsPerSecond: 1000})
	if err != nil {
		tb.Fatal(err)
	}
	var text []byte
	ends := make([]int, n)
	for i := range n {
		text = generator.AppendJSON(text, generator.Event(nexmark.Bid.Position(int64(i))))
		ends[i] = len(text)
	}
	records, from := make([]task.Record, n), 0
	for i, end := range ends {
		records[i] = task.Record{Topic: "bids", Offset: int64(i), Value: text[from:end:end]}
		from = end
	}
	return records
}

// kept is a task.Emit that counts, and keeps what goes to an exchange.
type kept struct {
	plan           *physical.Plan
	records, bytes int
	exchanged      map[int32][]task.Record
	tail           []byte
}

func (k *kept) Tail(_ string, _ int32, n int) []byte {
	if cap(k.tail) < n {
		k.tail = make([]byte, 0, 2*n)
	}
	return k.tail[:0]
}

func (k *kept) Emit(topic string, partition int32, _, value []byte) error {
	k.records++
	k.bytes += len(value)
	if k.exchanged != nil && partition >= 0 {
		k.exchanged[partition] = append(k.exchanged[partition], task.Record{
			Topic: topic, Partition: partition, Offset: int64(len(k.exchanged[partition])), Value: append([]byte(nil), value...),
		})
	}
	return nil
}

// nexmarkTask opens the task of a stage.
func nexmarkTask(tb testing.TB, plan *physical.Plan, stage int, partition int32, emit task.Emit) *task.Task {
	tb.Helper()
	factory, err := build.New(build.Env{
		Plan: plan, Topics: physical.Topics{Prefix: "bench", StateEpoch: 1}, JobEpoch: 1, Partitions: map[string]int{"bids": 1}, Emit: emit,
	})
	if err != nil {
		tb.Fatal(err)
	}
	made, err := factory.Task(stage, partition)
	if err != nil {
		tb.Fatal(err)
	}
	var store state.Store
	if plan.Stages[stage].Stateful {
		if store, err = memory.New().Open(made.ID()); err != nil {
			tb.Fatal(err)
		}
	}
	if err := made.Open(store, task.Meta{}); err != nil {
		tb.Fatal(err)
	}
	return made
}

// run gives the task all records in portions, a commit after each five.
func runTask(tb testing.TB, t *task.Task, records []task.Record) {
	tb.Helper()
	for n := 1; len(records) > 0; n++ {
		portion := min(benchPortion, len(records))
		if err := t.Process(records[:portion]); err != nil {
			tb.Fatal(err)
		}
		if records = records[portion:]; len(records) > 0 && n%5 != 0 {
			continue
		}
		if _, err := t.Seal(); err != nil {
			tb.Fatal(err)
		}
		if err := t.Committed(int64(n)); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkNexmark runs the tasks of a query between the bytes of bids and the bytes that a producer is handed. ns/event
// and allocs/event count.
func BenchmarkNexmark(b *testing.B) {
	records := nexmarkBids(b, benchBids)
	for name, query := range nexmarkQueries {
		plan := nexmarkPlan(b, name, query)
		b.Run(name, func(b *testing.B) {
			emit := &kept{plan: plan}
			measured(b, benchBids, emit, func() { runTask(b, nexmarkTask(b, plan, 0, 0, emit), records) })
		})
		if len(plan.Stages) == 1 {
			continue
		}
		b.Run(name+"-behind-the-exchange", func(b *testing.B) {
			source := &kept{plan: plan, exchanged: map[int32][]task.Record{}}
			runTask(b, nexmarkTask(b, plan, 0, 0, source), records)
			emit := &kept{plan: plan}
			measured(b, benchBids, emit, func() {
				for p, moved := range source.exchanged {
					runTask(b, nexmarkTask(b, plan, 1, p, emit), moved)
				}
			})
		})
	}
}

// measured reports the cost of an event.
func measured(b *testing.B, events int, emit *kept, pass func()) {
	b.Helper()
	pass() // what is kept from batch to batch is made once
	emit.records, emit.bytes = 0, 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fastest := math.MaxFloat64
	for b.Loop() {
		start := b.Elapsed()
		pass()
		fastest = min(fastest, float64((b.Elapsed() - start).Nanoseconds()))
	}
	runtime.ReadMemStats(&after)
	n := float64(b.N) * float64(events)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/event")
	b.ReportMetric(fastest/float64(events), "best-ns/event")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/event")
	b.ReportMetric(float64(emit.bytes)/n, "bytes-out/event")
}
