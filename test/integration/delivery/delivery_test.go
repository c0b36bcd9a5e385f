//go:build integration

package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/test/kafka"
)

const (
	partitions = 2
	query      = `
CREATE TABLE rows_in (k STRING, id BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('topic' = 'CASE-in', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE copies (k STRING, id BIGINT) WITH ('topic' = 'CASE-copies', 'format' = 'json');
CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT)
  WITH ('topic' = 'CASE-counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id FROM rows_in;
INSERT INTO counts SELECT k, window_start, COUNT(*) FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '10' SECOND)
  GROUP BY k, window_start, window_end;`
	windowMillis = 10_000
	rowsPerStep  = 20
	stepPause    = 5 * time.Millisecond
	// deathCommit is the commit of a worker's life at whose moment it dies, and deaths how many do: the input never pauses
	// meanwhile, so that the commits have rows.
	deathCommit = 4
	deaths      = 3
	patience    = time.Minute
)

var broker *kafka.Broker

func TestMain(m *testing.M) { os.Exit(kafka.Main(m, &broker)) }

// truth is what was fed.
type truth struct {
	rows   int64
	counts map[string]int64
}

// job is a case's topics and its worker, which is one process after the other.
type job struct {
	t            *testing.T
	name         string
	delivery     spec.Delivery
	folder       string
	client       *kgo.Client
	binary, plan string
}

func newJob(t *testing.T, name, binary string, d spec.Delivery) *job {
	t.Helper()
	j := &job{t: t, name: name, delivery: d, folder: t.TempDir(), binary: binary}
	j.plan = filepath.Join(j.folder, "plan.json")
	plan, err := compile.Compile(spec.Job{
		Name: name, SQL: strings.ReplaceAll(query, "CASE", name), File: "query.sql", MaxParallelism: partitions, BadRows: spec.BadRowsFail, Delivery: d,
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := physical.Encode(plan)
	if err == nil {
		err = os.WriteFile(j.plan, text, 0o600)
	}
	if err == nil {
		j.client, err = kgo.NewClient(kgo.SeedBrokers(broker.Address()), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.client.Close)
	if _, err := kadm.NewClient(j.client).CreateTopics(t.Context(), partitions, 1, nil, name+"-in", name+"-copies", name+"-counts"); err != nil {
		t.Fatal(err)
	}
	return j
}

func (j *job) prefix() string { return "local.delivery." + j.name }

// live starts a worker process.
func (j *job) live(more ...string) *exec.Cmd {
	j.t.Helper()
	log, err := os.OpenFile(filepath.Join(j.folder, "worker.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		j.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(j.binary, append([]string{
		"--plan", j.plan, "--brokers", broker.Address(), "--prefix", j.prefix(), "--epoch", "1", "--ordinal", "0",
		"--state-dir", filepath.Join(j.folder, "state"), "--http", "", "--commit-interval", "50ms",
	}, more...)...)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		j.t.Fatal(err)
	}
	j.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

// dies lets a worker live until it kills itself.
func (j *job) dies(moment string) {
	j.t.Helper()
	cmd := j.live("--plant-die", moment+":"+strconv.Itoa(deathCommit))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its state says how
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		j.t.Fatalf("a worker that was to die lives: %s", j.log())
	}
	if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		j.t.Fatalf("a worker ended otherwise than planned, %s: %s", cmd.ProcessState, j.log())
	}
}

func (j *job) log() string {
	const shown = 4000
	text, _ := os.ReadFile(filepath.Join(j.folder, "worker.log"))
	return string(text[max(0, len(text)-shown):])
}

// feed writes rows until enough is closed, and then closes every window.
func (j *job) feed(ctx context.Context, enough <-chan struct{}) (truth, error) {
	have := truth{counts: map[string]int64{}}
	now := int64(1_000_000_000)
	send := func(p int32, k string, ts int64) {
		have.rows++
		value := fmt.Appendf(nil, `{"k":%q,"id":%d,"ts":%d}`, k, have.rows, ts)
		j.client.Produce(ctx, &kgo.Record{Topic: j.name + "-in", Partition: p, Value: value}, nil)
	}
	for fed := false; !fed; {
		for i := range rowsPerStep {
			now += 20
			k := "k" + strconv.Itoa(int(now/20)%7)
			have.counts[k+"@"+strconv.FormatInt(now/windowMillis*windowMillis, 10)]++
			send(int32(i%partitions), k, now)
		}
		select {
		case <-enough:
			fed = true
		case <-time.After(stepPause):
		}
	}
	for p := range int32(partitions) {
		send(p, "end", now+1_000_000_000)
	}
	return have, j.client.Flush(ctx)
}

// read says that the worker has committed all of the input.
func (j *job) read(ctx context.Context) bool {
	admin := kadm.NewClient(j.client)
	ends, err := admin.ListEndOffsets(ctx, j.name+"-in")
	if err != nil {
		j.t.Error(err)
		return false
	}
	committed, err := admin.FetchOffsetsForTopics(ctx, j.prefix(), j.name+"-in")
	if err != nil {
		j.t.Error(err)
		return false
	}
	all := true
	ends.Each(func(end kadm.ListedOffset) {
		o, ok := committed.Lookup(end.Topic, end.Partition)
		all = all && ok && o.At >= end.Offset
	})
	return all
}

// play lets workers die while the input goes on, lets one live, and counts.
func (j *job) play(moment string) (sum, truth) {
	j.t.Helper()
	ctx, cancel := context.WithCancel(j.t.Context())
	defer cancel()
	seen := &output{copies: map[int64]int{}, counts: map[string][]int64{}}
	var running sync.WaitGroup
	running.Go(func() { seen.watch(ctx, j.t, broker.Address(), j.name+"-copies", j.name+"-counts") })
	enough, fed := make(chan struct{}), make(chan struct{})
	var have truth
	var err error
	running.Go(func() {
		defer close(fed)
		have, err = j.feed(ctx, enough)
	})
	for range deaths {
		j.dies(moment)
	}
	last := j.live()
	close(enough)
	<-fed
	if err != nil {
		j.t.Fatal(err)
	}
	const pause, quiet = 50 * time.Millisecond, 2 * time.Second
	for begin := time.Now(); ; time.Sleep(pause) {
		done := j.read(ctx) && (j.delivery == spec.AtMostOnce || seen.whole(have))
		if done && seen.quiet(quiet) || time.Since(begin) > patience {
			break
		}
	}
	_ = last.Process.Signal(syscall.SIGTERM) // that it still runs is seen by how it ends
	if err := last.Wait(); err != nil {
		j.t.Errorf("the last worker: %v: %s", err, j.log())
	}
	cancel()
	running.Wait()
	return seen.sum(have), have
}

// TestWhatEachDeliveryKeeps kills workers just before their offsets are committed, and just after.
func TestWhatEachDeliveryKeeps(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "worker")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "mutants", "-o", binary, "github.com/millrace/millrace/cmd/worker")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	exact := func(s sum) bool { return s == sum{} }
	cases := map[string]struct {
		delivery spec.Delivery
		moment   string
		keeps    func(s sum) bool
	}{
		"exact-before": {spec.ExactlyOnce, "before-offsets", exact},
		"exact-after":  {spec.ExactlyOnce, "after-offsets", exact},
		"least-before": {spec.AtLeastOnce, "before-offsets", func(s sum) bool {
			return s.lost == 0 && s.missing == 0 && s.less == 0 && s.neverInTheInput == 0 && s.doubled > 0
		}},
		"most-after": {spec.AtMostOnce, "after-offsets", func(s sum) bool {
			return s.doubled == 0 && s.again == 0 && s.more == 0 && s.neverInTheInput == 0 && s.lost > 0
		}},
	}
	t.Run("all", func(t *testing.T) { // the folder of the binary stays until they are done
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				begin := time.Now()
				s, have := newJob(t, name, binary, c.delivery).play(c.moment)
				text, _ := json.Marshal(map[string]int{
					"lost": s.lost, "doubled": s.doubled, "missing": s.missing, "again": s.again, "less": s.less, "more": s.more, "never": s.neverInTheInput,
				})
				t.Logf("%s, %d deaths at %s: of %d rows and %d windows %s; %v", c.delivery, deaths, c.moment, have.rows, len(have.counts), text, time.Since(begin))
				if !c.keeps(s) {
					t.Errorf("%s does not keep what it promises: %+v", c.delivery, s)
				}
			})
		}
	})
}
