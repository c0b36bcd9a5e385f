package cluster_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
)

func TestEachWorkerSaysHowFarItIs(t *testing.T) {
	s := newServer(t)
	s.objects[jobsPath] = []runtime.Object{job("delays")}
	s.objects[podsPath] = []runtime.Object{pod("delays-2-0"), pod("delays-2-1"), pod("delays-2-2")}
	task := func(topic string, partition int32, source bool, lag int64) control.Task {
		return control.Task{ID: topic, Topic: topic, Partition: partition, Source: source, LagRecords: lag}
	}
	s.workers["delays-2-0:8080"] = worker(t, statusOf(now().Add(-1500*time.Millisecond), task("flights", 1, true, 40), task("east.prod.delays.x", 0, false, 7)))
	s.workers["delays-2-1:8080"] = worker(t, statusOf(time.Time{}, task("flights", 0, true, 2)))
	var out bytes.Buffer
	err := s.cluster.Lag(t.Context(), cluster.LagOptions{Job: "delays", Now: now(), Stdout: &out})
	same(t, &out, `WORKER       READY         TASKS    LAG      WATERMARK                  BEHIND
delays-2-0   yes           2        40       2026-03-01T11:59:58.500Z   1.5s
delays-2-1   yes           1        2        <none>                     <none>
delays-2-2   <no answer>   <none>   <none>   <none>                     <none>

TOPIC                PARTITION   KIND       LAG   WORKER
flights              0           source     2     delays-2-1
flights              1           source     40    delays-2-0
east.prod.delays.x   0           exchange   7     delays-2-0
`)
	if err == nil || fault.KindOf(err) != fault.Transient || !strings.Contains(err.Error(), "1 of 3 workers do not answer: delays-2-2: get pods/proxy: error trying to reach service: dial tcp: no route to host") {
		t.Error(err)
	}
	out.Reset()
	s.objects[podsPath] = s.objects[podsPath][:2]
	if err := s.cluster.Lag(t.Context(), cluster.LagOptions{Job: "delays", Layout: cluster.JSON, Now: now(), Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	var read struct{ Workers []cluster.Worker }
	if err := json.Unmarshal(out.Bytes(), &read); err != nil || len(read.Workers) != 2 || read.Workers[0].LagRecords != 40 || len(read.Workers[0].Partitions) != 2 {
		t.Errorf("%v: %s", err, &out)
	}
}
