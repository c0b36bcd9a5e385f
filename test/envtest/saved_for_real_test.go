//go:build envtest && integration

package envtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/api/v1alpha1"
)

// realJobYAML counts rows per minute of event time: what is counted of a minute that is open is state.
func (n *node) realJobYAML(more string) string {
	return fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: StreamJob, metadata: {name: job}, spec: {maxParallelism: 2, savepoints: {url: 'file://%s/saves', retention: {maxCount: 1, origins: [Manual]}}, %s
  sql: "INSERT INTO counts SELECT k, COUNT(*) FROM TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY k, window_start, window_end"}}`, n.folder, more)
}

// send writes rows of a second of event time.
func (n *node) send(rows, second int) {
	n.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(n.address))
	if err != nil {
		n.t.Fatal(err)
	}
	defer cl.Close()
	ts := time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC).Format(time.RFC3339)
	for range rows {
		if err := cl.ProduceSync(n.t.Context(), &kgo.Record{Topic: "events", Value: fmt.Appendf(nil, `{"k":"a","ts":%q}`, ts)}).FirstErr(); err != nil {
			n.t.Fatal(err)
		}
	}
}

// counted reads the first count that comes out.
func (n *node) counted() int64 {
	n.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(n.address), kgo.ConsumeTopics("counts"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		n.t.Fatal(err)
	}
	defer cl.Close()
	var row struct{ Amount int64 }
	n.await("a count", func() error {
		ctx, cancel := context.WithTimeout(n.t.Context(), time.Second)
		defer cancel()
		for _, r := range cl.PollRecords(ctx, 1).Records() {
			return json.Unmarshal(r.Value, &row)
		}
		return errors.New("none")
	})
	return row.Amount
}

// caughtUp waits until the job has committed all rows so far.
func (n *node) caughtUp(rows int64) {
	n.t.Helper()
	n.await("all rows are read", func() error {
		offsets, err := n.kafka.FetchOffsets(n.t.Context(), n.job().Status.Prefix)
		if err != nil {
			return err
		}
		if o, ok := offsets.Lookup("events", 0); !ok || o.At < rows {
			return fmt.Errorf("at %d", o.At)
		}
		return nil
	})
}

// A savepoint is made by applying one while rows are counted, retention deletes the one before with its files, and a job that begins from what is left
// counts each row once.
func TestAJobIsSavedAndRestoredForReal(t *testing.T) {
	n := newNode(t)
	defer func() {
		if t.Failed() {
			t.Log(n.words())
		}
	}()
	topic := `{apiVersion: millrace.dev/v1alpha1, kind: StreamTopic, metadata: {name: %s}, spec: {partitions: 1, deletionPolicy: Delete, schema: {format: {type: JSON, json: {timestampFormat: RFC3339}}, %s}}}`
	n.apply(
		fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: default}, spec: {bootstrapServers: ["%s"]}}`, n.address),
		fmt.Sprintf(topic, "events", "columns: [{name: k, type: STRING}, {name: ts, type: TIMESTAMP}], eventTime: {column: ts}"),
		fmt.Sprintf(topic, "counts", "columns: [{name: k, type: STRING}, {name: amount, type: BIGINT}]"),
		n.realJobYAML(""),
	)
	n.awaitJob("Running 1 Ready")
	n.send(30, 5)
	n.caughtUp(30)
	n.apply(savepointYAML("one", "deletionPolicy: Delete,")) // the data goes with it
	one := n.awaitSavepoint("one", "Completed SavepointCompleted")
	if _, err := os.Stat(filepath.Join(strings.TrimPrefix(one.Status.Location, "file://"), "manifest.json")); err != nil || one.Status.Rows == nil || *one.Status.Rows != 1 {
		t.Errorf("%v, %+v", err, one.Status)
	}
	n.send(40, 10)
	n.caughtUp(70)
	time.Sleep(time.Second) // times of savepoints have seconds
	n.apply(savepointYAML("two", "deletionPolicy: Delete,"))
	two := n.awaitSavepoint("two", "Completed SavepointCompleted")
	n.awaitGone("one")
	err := filepath.WalkDir(strings.TrimPrefix(one.Status.Location, "file://"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := kube.Delete(t.Context(), n.job()); err != nil {
		t.Fatal(err)
	}
	n.awaitEnd()
	n.send(50, 20)
	n.send(1, 600) // closes the minute
	n.apply(n.realJobYAML("restoreFrom: savepoint/two,"))
	n.awaitJob("Running 1 Ready")
	if got := n.counted(); got != 120 {
		t.Errorf("counted %d rows of 120", got)
	}
	if s := n.savepoint("two"); s == nil || s.Status.Phase != v1alpha1.SavepointCompleted || s.Status.ID != two.Status.ID {
		t.Errorf("%+v", s)
	}
}
