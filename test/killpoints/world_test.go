package killpoints

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/test/fakenode"
	"github.com/millrace/millrace/test/locked"
)

// patience is how long a step may take, in fake time.
const patience = 4 * time.Minute

// world is all that a run is in: an API server, a broker, a store, a node.
type world struct {
	t        *testing.T
	api      *api
	network  *kfake.VirtualNetwork
	brokers  []kgo.Opt
	kafka    *kadm.Client
	recorder *recorder
	weather  *weather
	log      *slog.Logger
	blobs    *snapshottest.Blobs
	load     *load

	// what a scenario sets before anything begins
	sick string // beginning of the names of pods that never start
	// sickImage is the end of the images that can't be pulled
	sickImage string
	lost      string // beginning of the names of pods whose node does not answer
	bugs      bugs

	begunWith []v1alpha1.SourceRange // the range of a job that ends
	// keeper looks after what is besides the job; nil for nobody.
	keeper func(ctx context.Context)
}

// outcome is what became of a run.
type outcome struct {
	names []string // of the effects, as they came
	met   int      // operators that were killed
	stuck string   // what did not come in time
	wrong string   // what must not be
	log   string
}

// play plays a scenario, in which the operator is killed where kills say, in a bubble. Sets
// are done to the world first.
func play(t *testing.T, s *scenario, kills []*kill, w *weather, sets ...func(w *world)) (o outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { o = playIn(t, s, kills, w, sets) })
	return o
}

func playIn(t *testing.T, s *scenario, kills []*kill, weather *weather, sets []func(w *world)) (o outcome) {
	t.Helper()
	network := &kfake.VirtualNetwork{}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(inputs, "in", "copies", "counts"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	logs, begin := &locked.Buffer{}, time.Now()
	w := &world{
		t: t, api: newAPI(t), network: network, weather: weather, blobs: snapshottest.New(),
		recorder: &recorder{kills: kills, count: map[string]int{}},
		log: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Duration("t", a.Value.Time().Sub(begin))
			}
			return a
		}})),
		brokers: []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(network.DialContext), kgo.DisableClientMetrics()},
	}
	cl, err := kgo.NewClient(append(w.brokers, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	w.kafka, w.load = kadm.NewClient(cl), &load{client: cl, counts: map[string]int64{}}
	for _, set := range append(sets, s.set) {
		if set != nil {
			set(w)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	fed := make(chan struct{})
	running.Go(func() {
		if err := w.load.feed(ctx, fed); err != nil && ctx.Err() == nil {
			t.Error("feed: ", err)
		}
	})
	node := &fakenode.Node{
		Client: w.api, Namespace: namespace, Changed: w.api.listen(), Dial: network.DialContext, Logger: w.log,
		Store: func(string) snapshot.Blobs { return w.blobs }, Sick: w.isSick, Lost: w.isLost,
	}
	running.Go(func() {
		if err := node.Run(ctx); err != nil {
			t.Error("node: ", err)
		}
	})
	running.Go(func() { w.operate(ctx) })
	if w.keeper != nil {
		running.Go(func() { w.keeper(ctx) })
	}
	o = w.follow(ctx, s, cluster.ListenAddrs())
	close(fed)
	if o.stuck == "" {
		w.end(ctx, s, &o)
	}
	cancel()
	running.Wait()
	w.recorder.mu.Lock()
	o.names, o.met = w.recorder.list, w.recorder.met
	w.recorder.mu.Unlock()
	o.log = logs.String()
	return o
}

// follow does the steps of a scenario.
func (w *world) follow(ctx context.Context, s *scenario, brokers []string) (o outcome) {
	w.must(w.api.Create(ctx, &v1alpha1.KafkaConnection{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "default"}, Spec: v1alpha1.KafkaConnectionSpec{BootstrapServers: brokers},
	}))
	steps := append([]step{{name: "start", do: func(w *world) { w.create(s.begin) }, until: runs(1)}}, s.steps...)
	switch {
	case s.starts != nil:
		steps[0].until = s.starts
	case !s.whole:
		steps[0].until = all(runs(1), w.works)
	}
	for i, step := range steps {
		if s.whole || i > 0 {
			w.recorder.arm()
		}
		w.log.Info("STEP " + step.name)
		step.do(w)
		if why := w.await(ctx, step.until); why != nil {
			o.stuck = fmt.Sprintf("%s: %v", step.name, why)
			return o
		}
	}
	return o
}

func (w *world) must(err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatal(err)
	}
}

// await looks until a condition has held for a moment, and returns what it says when the time is over.
func (w *world) await(ctx context.Context, until condition) (why error) {
	const look, hold = 200 * time.Millisecond, 5
	for held, end := 0, time.Now().Add(patience); held < hold; {
		time.Sleep(look)
		if why = until(ctx, w); why == nil {
			held++
			continue
		}
		held = 0
		if time.Now().After(end) {
			return why
		}
	}
	return nil
}

// end looks at the world when all is done.
func (w *world) end(ctx context.Context, s *scenario, o *outcome) {
	const finish = 2 * time.Minute
	got, err := w.load.gather(ctx, w.brokers, s.judges, finish)
	if err != nil {
		o.wrong = "the output: " + err.Error()
		return
	}
	if o.wrong = w.load.judge(got, s.judges); s.judges == rangeOnly {
		o.wrong = w.judgeRange(ctx, got)
	}
	if err := s.ends(ctx, w); err != nil {
		o.wrong = strings.TrimPrefix(o.wrong+"; "+err.Error(), "; ")
	}
}

func (w *world) isSick(pod *corev1.Pod) bool {
	return w.sick != "" && strings.HasPrefix(pod.Name, w.sick) || w.sickImage != "" && strings.HasSuffix(pod.Spec.Containers[0].Image, w.sickImage)
}

func (w *world) isLost(pod *corev1.Pod) bool {
	return w.lost != "" && strings.HasPrefix(pod.Name, w.lost)
}

var jobKey = client.ObjectKey{Namespace: namespace, Name: jobName}

func (w *world) job(ctx context.Context) (*v1alpha1.StreamJob, error) {
	job := &v1alpha1.StreamJob{}
	return job, w.api.Get(ctx, jobKey, job)
}

// create makes the job, with what the API server fills in by the defaults of the CRD.
func (w *world) create(change func(*v1alpha1.StreamJobSpec)) {
	job := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: jobName}}
	job.Spec = v1alpha1.StreamJobSpec{
		ConnectionRef: v1alpha1.ConnectionReference{Name: "default"}, SQL: counting, StartFrom: v1alpha1.StartFrom{Type: "Earliest"},
		Parallelism: 2, MaxParallelism: 4, CommitInterval: metav1.Duration{Duration: 500 * time.Millisecond}, BadRows: v1alpha1.BadRows{Type: "Fail"},
		State: v1alpha1.State{Backend: v1alpha1.StateMemory}, Savepoints: &v1alpha1.Savepoints{URL: "file:///saves"},
		Upgrade: v1alpha1.Upgrade{
			Mode: v1alpha1.UpgradeSavepoint, OnIncompatible: v1alpha1.IncompatibleRefuse, Deadline: metav1.Duration{Duration: time.Minute},
		},
		Deletion: v1alpha1.Deletion{InternalTopics: v1alpha1.DeletionDelete},
	}
	if change != nil {
		change(&job.Spec)
	}
	w.must(w.api.Create(w.t.Context(), job))
}

// change lets the user change the spec.
func (w *world) change(change func(*v1alpha1.StreamJobSpec)) {
	for {
		job, err := w.job(w.t.Context())
		w.must(err)
		change(&job.Spec)
		job.Generation++
		err = w.api.Update(w.t.Context(), job)
		if client.IgnoreNotFound(err) != nil && strings.Contains(err.Error(), "modified") {
			continue
		}
		w.must(err)
		return
	}
}

// works says whether rows have come out.
func (w *world) works(ctx context.Context, _ *world) error {
	ends, err := w.kafka.ListCommittedOffsets(ctx, "copies")
	if err != nil {
		return err
	}
	rows := int64(0)
	ends.Each(func(o kadm.ListedOffset) { rows += o.Offset })
	if rows == 0 {
		return errors.New("no rows came out")
	}
	return nil
}
