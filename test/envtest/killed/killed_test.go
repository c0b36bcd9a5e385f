//go:build envtest

package killed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/operator/wire"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/test/fakenode"
	"github.com/millrace/millrace/test/locked"
)

const (
	patience   = 90 * time.Second
	partitions = 2
	keys       = 3
	feedEvery  = 100 * time.Millisecond
	farAhead   = 10 * time.Minute

	counting = `
CREATE TABLE rows_in (k STRING, id BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH ('topic' = 'in', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE copies (k STRING, id BIGINT) WITH ('topic' = 'copies', 'format' = 'json');
CREATE TABLE counts (k STRING, n BIGINT) WITH ('topic' = 'counts', 'format' = 'json');
INSERT INTO copies SELECT k, id FROM rows_in;
INSERT INTO counts SELECT k, COUNT(*) FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY k, window_start, window_end;`
)

var otherState = strings.NewReplacer("n BIGINT)", "n BIGINT, most BIGINT)", "COUNT(*) FROM", "COUNT(*), MAX(id) FROM").Replace(counting)

// world is a namespace with a node, a broker, and one operator at a time.
type world struct {
	t         *testing.T
	namespace string
	transport *transport
	brokers   []string
	fed       int64
	log       locked.Buffer
}

// The effects on the API server are those of test/killpoints, and the job gets over the death of its operator at each of them.
func TestAnUpgradeOutlivesItsOperator(t *testing.T) {
	all := play(t, nil)
	golden := goldenNames(t, "upgrade")
	var kills []*kill
	for _, name := range slices.Compact(slices.Sorted(slices.Values(all))) {
		if !slices.Contains(golden, name) && !ofSavepoints[name] {
			t.Errorf("test/killpoints knows of no %s", name)
		}
		kills = append(kills, &kill{name, false}, &kill{name, true})
	}
	for _, name := range golden {
		if !slices.Contains(all, name) {
			t.Errorf("test/killpoints has %s, which does not come", name)
		}
	}
	const every = 3 // others each day
	today := int(time.Now().Unix() / (24 * 60 * 60))
	for i, k := range kills {
		if i%every == today%every {
			t.Run(fmt.Sprintf("%s, after %v", k.name, k.after), func(t *testing.T) { play(t, k) })
		}
	}
	t.Logf("%d kill points, every %dth of them", len(kills), every)
}

// ofSavepoints are the effects of the reconciler of StreamSavepoints, which has scenarios of its own: controllers/savepointplan walks through them.
var ofSavepoints = map[string]bool{"patch StreamSavepoint": true, "status StreamSavepoint": true}

// goldenNames lists the effects on the API server of a scenario; statuses have one name here, and
// what is created is named by its kind.
func goldenNames(t *testing.T, scenario string) (list []string) {
	t.Helper()
	text, err := os.ReadFile("../../killpoints/killpoints.golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "["+scenario+"]")
	section, _, _ = strings.Cut(section, "\n[")
	for line := range strings.Lines(section) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		verb, of, _ := strings.Cut(name, " ")
		switch kind, _, _ := strings.Cut(of, " "); {
		case verb == "status":
			list = append(list, "status StreamJob")
		case verb == "create":
			list = append(list, verb+" "+kind)
		case slices.Contains([]string{"apply", "patch", "delete"}, verb):
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// play upgrades a job, and returns what was written for that.
func play(t *testing.T, k *kill) []string {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, "in", "copies", "counts"))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "killed-"}}
	if err := kube.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, namespace: ns.Name, transport: &transport{kill: k}, brokers: broker.ListenAddrs()}
	blobs := snapshottest.New()
	node := &fakenode.Node{
		Client: kube, Namespace: ns.Name, Logger: slog.New(slog.NewTextHandler(&w.log, nil)), Store: func(string) snapshot.Blobs { return blobs },
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer func() { cancel(); running.Wait() }()
	stop := make(chan struct{})
	var fed sync.WaitGroup
	fed.Go(func() { w.feed(ctx, stop) })
	running.Go(func() {
		if err := node.Run(ctx); err != nil {
			t.Error("node: ", err)
		}
	})
	running.Go(func() { w.operate(ctx, "1") })
	w.upgrade(ctx)
	close(stop)
	fed.Wait()
	w.judge(ctx)
	w.leave(ctx)
	if t.Failed() {
		t.Log(w.log.String())
	}
	if w.transport.kill != nil {
		t.Errorf("%s did not come", k.name)
	}
	return w.transport.names
}

// operate keeps one operator of a version running, as it is wired.
func (w *world) operate(ctx context.Context, version string) {
	for ctx.Err() == nil {
		life, stop := context.WithCancel(ctx)
		config := rest.CopyConfig(administrator)
		config.Impersonate = rest.ImpersonationConfig{
			UserName: "system:serviceaccount:millrace-system:millrace-operator",
			Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:millrace-system", "system:authenticated"},
		}
		config.QPS, config.Burst = 200, 400
		h := &hand{transport: w.transport, stop: stop}
		config.Wrap(func(inner http.RoundTripper) http.RoundTripper { h.inner = inner; return h })
		err := wire.Run(life, config, wire.Options{
			Namespace: "millrace-system", WorkerImage: "millrace/worker:v" + version, Version: version, ClusterID: "c", MetricsAddress: "0", HealthAddress: "0", Concurrency: 2,
			Compile: compile.Compile, AllowSameNames: true,
		})
		h.die()
		if err != nil && life.Err() == nil {
			w.t.Error("operator: ", err)
		}
	}
}

func (w *world) await(ctx context.Context, what string, check func() error) {
	w.t.Helper()
	var last error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if last = check(); last == nil || ctx.Err() != nil {
			return
		}
	}
	w.t.Fatalf("waited for: %s: %v\n%s", what, last, w.log.String())
}

func (w *world) job(ctx context.Context) (*v1alpha1.StreamJob, error) {
	job := &v1alpha1.StreamJob{}
	return job, kube.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "job"}, job)
}

func (w *world) runs(ctx context.Context, epoch int64) {
	w.t.Helper()
	w.await(ctx, fmt.Sprintf("epoch %d", epoch), func() error {
		job, err := w.job(ctx)
		if err != nil {
			return err
		}
		s := &job.Status
		if s.Epoch != epoch || s.Attempt != nil || s.Probation != nil || !meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionReady) {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
}

// begin makes a job.
func (w *world) begin(ctx context.Context) *v1alpha1.StreamJob {
	w.t.Helper()
	connection := &v1alpha1.KafkaConnection{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "default"}, Spec: v1alpha1.KafkaConnectionSpec{BootstrapServers: w.brokers},
	}
	job := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "job"}}
	job.Spec.ConnectionRef.Name, job.Spec.SQL, job.Spec.Parallelism, job.Spec.MaxParallelism = "default", counting, 2, 4
	job.Spec.Upgrade.Probation = &v1alpha1.UpgradeProbation{Duration: &metav1.Duration{}} // the clock here is the real one
	job.Spec.State.Backend, job.Spec.Savepoints = v1alpha1.StateMemory, &v1alpha1.Savepoints{URL: "file:///saves"}
	job.Spec.Upgrade.Deadline.Duration, job.Spec.CommitInterval.Duration = time.Minute, 200*time.Millisecond
	if err := errors.Join(kube.Create(ctx, connection), kube.Create(ctx, job)); err != nil {
		w.t.Fatal(err)
	}
	return job
}

// upgrade lets a job begin, and gives it a query with other state.
func (w *world) upgrade(ctx context.Context) {
	w.t.Helper()
	job := w.begin(ctx)
	w.runs(ctx, 1)
	time.Sleep(time.Second) // in which rows are counted
	w.transport.arm()
	patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"sql":%q}}`, otherState))
	if err := kube.Patch(ctx, job, patch); err != nil {
		w.t.Fatal(err)
	}
	w.runs(ctx, 2)
	time.Sleep(time.Second)
	w.transport.mu.Lock()
	w.transport.armed = false
	w.transport.mu.Unlock()
}

// leave deletes the job, so that the next operator does not look after it.
func (w *world) leave(ctx context.Context) {
	w.t.Helper()
	job, err := w.job(ctx)
	if err == nil {
		err = kube.Delete(ctx, job)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.await(ctx, "the job gone", func() error {
		if _, err := w.job(ctx); !apierrors.IsNotFound(err) {
			return errors.Join(errors.New("it is there"), err)
		}
		return nil
	})
}

// feed writes rows of one window until it is told to stop, and then those that close it.
func (w *world) feed(ctx context.Context, stop <-chan struct{}) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		w.t.Error(err)
		return
	}
	defer cl.Close()
	ts := time.Now().Truncate(time.Minute).UnixMilli()
	row := func(k string, ts int64) *kgo.Record {
		r := &kgo.Record{Topic: "in", Partition: int32(w.fed % partitions), Value: fmt.Appendf(nil, `{"k":%q,"id":%d,"ts":%d}`, k, w.fed, ts)}
		w.fed++
		return r
	}
	for more := true; more && ctx.Err() == nil; {
		var records []*kgo.Record
		for range partitions * keys {
			records = append(records, row(fmt.Sprintf("k%d", w.fed%keys), ts))
		}
		select {
		case <-stop:
			more = false
			for range partitions {
				records = append(records, row("last", ts+farAhead.Milliseconds()))
			}
		case <-time.After(feedEvery):
		}
		if err := cl.ProduceSync(ctx, records...).FirstErr(); err != nil && ctx.Err() == nil {
			w.t.Error("feed: ", err)
			return
		}
	}
}

// judge reads the output: each row once, and one count for each key, of all its rows.
func (w *world) judge(ctx context.Context) {
	w.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.ConsumeTopics("copies", "counts"), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer cl.Close()
	copies, counts := map[int64]int{}, map[string][]int64{}
	const more = time.Second
	for until, whole := time.Now().Add(patience), false; time.Now().Before(until); {
		poll, cancel := context.WithTimeout(ctx, more/4)
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			var out struct {
				K     string `json:"k"`
				ID, N int64
			}
			if err := json.Unmarshal(r.Value, &out); err != nil {
				w.t.Error(err)
			}
			if r.Topic == "copies" {
				copies[out.ID]++
			} else {
				counts[out.K] = append(counts[out.K], out.N)
			}
		})
		cancel()
		if !whole && int64(len(copies)) == w.fed && len(counts) == keys {
			whole, until = true, time.Now().Add(more)
		}
	}
	twice := 0
	for _, n := range copies {
		if n > 1 {
			twice++
		}
	}
	if missing := w.fed - int64(len(copies)); missing != 0 || twice != 0 {
		w.t.Errorf("of %d rows %d did not come, and %d came twice", w.fed, missing, twice)
	}
	for k := range keys {
		want := []int64{(w.fed - partitions) / keys}
		if got := counts[fmt.Sprintf("k%d", k)]; !slices.Equal(got, want) {
			w.t.Errorf("of k%d were counted %v, not %v", k, got, want)
		}
	}
}
