package physical_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// tables are those that the SQL in testdata/load reads and writes.
const tables = `CREATE TABLE bids (price INT, channel STRING, url STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts);
CREATE TABLE out (k STRING, n BIGINT);
CREATE TABLE copies (k STRING, n BIGINT);
`

// TestTheLoadOfAPlan runs testdata/load: statements, and what their job asks of Kafka.
func TestTheLoadOfAPlan(t *testing.T) {
	datadriven.RunTest(t, "testdata/load", func(t *testing.T, d *datadriven.TestData) string {
		t.Helper()
		var workers, partitions, outputs int
		var interval, delivery string
		interval = "100ms"
		d.ScanArgs(t, "workers", &workers)
		d.ScanArgs(t, "maxParallelism", &partitions)
		d.MaybeScanArgs(t, "interval", &interval)
		d.MaybeScanArgs(t, "outputs", &outputs)
		d.MaybeScanArgs(t, "delivery", &delivery)
		every, err := time.ParseDuration(interval)
		if err != nil {
			t.Fatal(err)
		}
		p, err := compile.Compile(spec.Job{SQL: tables + d.Input, MaxParallelism: partitions, BadRows: spec.BadRowsFail, Delivery: spec.Delivery(delivery)})
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]int32{}
		if outputs > 0 {
			known["out"] = int32(outputs)
		}
		var b strings.Builder
		p.Load(workers, every, known).Explain(&b)
		return b.String()
	})
}

// TestTheEnvelopeIsKeptAtItsEdge: what Millrace is made for gives no warning but the one of markers.
func TestTheEnvelopeIsKeptAtItsEdge(t *testing.T) {
	l := physical.Load{Workers: physical.MostWorkers, Interval: time.Second, Exchanges: physical.MostExchanges, Partitions: physical.MostPartitions, Markers: physical.MostMarkers}
	if list := l.Warnings(); len(list) > 0 {
		t.Errorf("%q", list)
	}
	l.Workers, l.Exchanges, l.Partitions, l.Markers = l.Workers+1, l.Exchanges+1, l.Partitions+1, l.Markers+1
	if list := l.Warnings(); len(list) != 4 {
		t.Errorf("one beyond everywhere: %q", list)
	}
}
