//go:build integration

package integration_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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
	prefix     = "local.it.job"
	partitions = 4
	query      = `
CREATE TABLE rows_in (k STRING, id BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('topic' = 'rows_in', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE copies (k STRING, id BIGINT) WITH ('topic' = 'copies', 'format' = 'json');
CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT)
  WITH ('topic' = 'counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id FROM rows_in;
INSERT INTO counts SELECT k, window_start, COUNT(*) FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '10' SECOND)
  GROUP BY k, window_start, window_end;`
	windowMillis = 10_000
	rowsPerStep  = 40
	stepPause    = 50 * time.Millisecond
	feedFor      = 15 * time.Second
	patience     = 90 * time.Second
)

type row struct {
	K  string `json:"k"`
	ID int64  `json:"id"`
	TS int64  `json:"ts"`
}

// truth is what was fed.
type truth struct {
	rows   int64
	counts map[string]int64
}

// job is a worker binary with its plan, a broker and the processes that run.
type job struct {
	t                    *testing.T
	broker               *kafka.Broker
	client               *kgo.Client
	binary, plan, folder string

	mu    sync.Mutex
	procs map[int]*exec.Cmd
	want  map[int]bool
	wg    sync.WaitGroup
	kills int
	// snapshots makes workers copy their state into the folder all the time.
	snapshots bool
	// diskless takes a worker's disk along when it ends.
	diskless bool
	// savepoints lets workers write savepoints into the folder. epoch and restoreFrom are what they run.
	savepoints  bool
	epoch       int
	restoreFrom string
	// binaries are those of workers that run another one than binary, by ordinal. format is that of the plan; 0 is today's.
	binaries map[int]string
	format   int
	// sql is the job's query where it is another one than query.
	sql string
	// http lets workers answer at address, and extra are further flags.
	http  bool
	extra []string
	// state are flags that say where workers keep their state; none means on their disks.
	state []string
	// feeding is how long rows come in.
	feeding time.Duration
}

func newJob(t *testing.T) *job {
	t.Helper()
	j := &job{t: t, broker: kafka.Start(t), folder: t.TempDir(), procs: map[int]*exec.Cmd{}, want: map[int]bool{}, binaries: map[int]string{}, epoch: 1, feeding: feedFor}
	j.binary, j.plan = filepath.Join(j.folder, "worker"), filepath.Join(j.folder, "plan.json")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", j.folder,
		"github.com/millrace/millrace/cmd/worker", "github.com/millrace/millrace/cmd/worker-full", "github.com/millrace/millrace/cmd/blobs")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	j.compile(partitions)
	var err error
	if j.client, err = kgo.NewClient(kgo.SeedBrokers(j.broker.Address()), kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.client.Close)
	if _, err := kadm.NewClient(j.client).CreateTopics(t.Context(), partitions, 1, nil, "rows_in", "copies", "counts"); err != nil {
		t.Fatal(err)
	}
	return j
}

// compile writes the plan.
func (j *job) compile(maxParallelism int) {
	j.t.Helper()
	plan, err := compile.Compile(spec.Job{Name: "job", SQL: cmp.Or(j.sql, query), File: "query.sql", MaxParallelism: maxParallelism, BadRows: spec.BadRowsFail})
	if err != nil {
		j.t.Fatal(err)
	}
	if j.format != 0 {
		if err := plan.SealAs(j.format); err != nil {
			j.t.Fatal(err)
		}
	}
	text, err := physical.Encode(plan)
	if err == nil {
		err = os.WriteFile(j.plan, text, 0o600)
	}
	if err != nil {
		j.t.Fatal(err)
	}
}

// start runs a worker and starts it again whenever it ends before retire.
func (j *job) start(ordinal int) {
	j.mu.Lock()
	j.want[ordinal] = true
	j.mu.Unlock()
	j.wg.Go(func() {
		for {
			log, err := os.OpenFile(filepath.Join(j.folder, fmt.Sprintf("w%d.log", ordinal)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				j.t.Error(err)
				return
			}
			disk := filepath.Join(j.folder, "state"+strconv.Itoa(ordinal))
			args := []string{
				"--plan", j.plan, "--brokers", j.broker.Address(), "--prefix", prefix, "--epoch", strconv.Itoa(j.epoch),
				"--ordinal", strconv.Itoa(ordinal), "--state-dir", disk,
			}
			if j.http {
				args = append(args, "--http", j.address(ordinal))
			} else {
				args = append(args, "--http", "")
			}
			args = append(args, j.extra...)
			if j.snapshots {
				args = append(args, "--snapshots", "file://"+filepath.Join(j.folder, "snapshots"), "--snapshot-interval", "1s", "--snapshot-least-bytes", "1")
			}
			if j.savepoints {
				args = append(args, "--savepoints", "file://"+filepath.Join(j.folder, "savepoints"))
			}
			if j.restoreFrom != "" {
				args = append(args, "--restore-from", j.restoreFrom)
			}
			j.mu.Lock()
			cmd := exec.Command(cmp.Or(j.binaries[ordinal], j.binary), append(args, j.state...)...)
			cmd.Stderr = log
			if !j.want[ordinal] {
				j.mu.Unlock()
				_ = log.Close()
				return
			}
			err = cmd.Start()
			j.procs[ordinal] = cmd
			j.mu.Unlock()
			if err != nil {
				j.t.Error(err)
				return
			}
			_ = cmd.Wait()
			_ = log.Close()
			if j.diskless {
				if err := os.RemoveAll(disk); err != nil {
					j.t.Error(err)
				}
			}
		}
	})
}

func (j *job) signal(ordinal int, s os.Signal) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if c := j.procs[ordinal]; c != nil {
		_ = c.Process.Signal(s)
	}
}

func (j *job) retire(ordinal int) {
	j.mu.Lock()
	j.want[ordinal] = false
	j.mu.Unlock()
	j.signal(ordinal, syscall.SIGTERM)
	j.signal(ordinal, syscall.SIGCONT) // one that a test has stopped hears of nothing else
}

// feed writes rows for a while, none of them late, and closes every window at the end.
func (j *job) feed(ctx context.Context) (truth, error) {
	have := truth{counts: map[string]int64{}}
	r := rand.New(rand.NewPCG(1, 2))
	now := int64(1_000_000_000)
	send := func(p int32, k string, ts int64) {
		have.rows++
		value, _ := json.Marshal(row{k, have.rows, ts})
		j.client.Produce(ctx, &kgo.Record{Topic: "rows_in", Partition: p, Value: value}, nil)
	}
	for begin := time.Now(); time.Since(begin) < j.feeding; time.Sleep(stepPause) {
		for i := range rowsPerStep {
			now += r.Int64N(30)
			ts, k := now-r.Int64N(4000), "k"+strconv.Itoa(r.IntN(50))
			have.counts[k+"@"+strconv.FormatInt(ts/windowMillis*windowMillis, 10)]++
			send(int32(i%partitions), k, ts)
		}
	}
	for p := range int32(partitions) {
		send(p, "end", now+1_000_000_000)
	}
	return have, j.client.Flush(ctx)
}

// feeds writes rows beside the test, and says in the end what there were.
func (j *job) feeds() <-chan truth {
	fed := make(chan truth, 1)
	go func() {
		have, err := j.feed(j.t.Context())
		if err != nil {
			j.t.Error(err)
		}
		fed <- have
	}()
	return fed
}

// check reads the output with a consumer of its own and compares.
func (j *job) check(have truth) { //nolint:gocyclo // a list of comparisons, one after the other
	j.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(j.broker.Address()), kgo.ConsumeTopics("copies", "counts"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		j.t.Fatal(err)
	}
	defer cl.Close()
	copies, counts, total := map[int64]int{}, map[string][]int64{}, int64(0)
	const quiet = 3 * time.Second
	last := time.Now()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if total >= have.rows+int64(len(have.counts)) && time.Since(last) > quiet {
			break
		}
		poll, cancel := context.WithTimeout(j.t.Context(), time.Second)
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			last = time.Now()
			total++
			var v struct {
				K     string `json:"k"`
				ID    int64  `json:"id"`
				Start int64  `json:"window_start"`
				N     int64  `json:"n"`
			}
			if err := json.Unmarshal(r.Value, &v); err != nil {
				j.t.Errorf("%s: %v", r.Value, err)
			}
			if r.Topic == "copies" {
				copies[v.ID]++
			} else {
				w := v.K + "@" + strconv.FormatInt(v.Start, 10)
				counts[w] = append(counts[w], v.N)
			}
		})
		cancel()
	}
	wrong := 0
	for id := int64(1); id <= have.rows; id++ {
		if copies[id] != 1 {
			wrong++
		}
	}
	if wrong > 0 || int64(len(copies)) != have.rows {
		j.t.Errorf("%d of %d rows are not there exactly once", wrong, have.rows)
	}
	wrong = 0
	for w, n := range have.counts {
		if got := counts[w]; len(got) != 1 || got[0] != n {
			if wrong++; wrong < 5 {
				j.t.Errorf("window %s: %v, want %d once", w, got, n)
			}
		}
	}
	if wrong > 0 || len(counts) != len(have.counts) {
		j.t.Errorf("%d windows, %d wrong, want %d", len(counts), wrong, len(have.counts))
	}
	j.t.Logf("%d rows, %d windows, %d kills", have.rows, len(have.counts), j.kills)
}

// stop ends all workers in good order.
func (j *job) stop() {
	for o := range j.procs {
		j.retire(o)
	}
	j.wg.Wait()
	if j.t.Failed() {
		for o := range j.procs {
			if f, err := os.Open(filepath.Join(j.folder, fmt.Sprintf("w%d.log", o))); err == nil {
				text, _ := io.ReadAll(f)
				j.t.Logf("worker %d: …%s", o, text[max(0, len(text)-6000):])
				_ = f.Close()
			}
		}
	}
}

func TestEveryRowOnce(t *testing.T) {
	cases := map[string]func(j *job, r *rand.Rand){
		"workers are killed at random": func(j *job, r *rand.Rand) {
			for _, o := range []int{0, 1} {
				j.start(o)
			}
			for begin := time.Now(); time.Since(begin) < feedFor; {
				time.Sleep(time.Duration(500+r.IntN(2500)) * time.Millisecond)
				j.signal(r.IntN(2), syscall.SIGKILL)
				j.kills++
			}
		},
		"from one worker to two to one": func(j *job, _ *rand.Rand) {
			j.start(0)
			time.Sleep(feedFor / 3)
			j.start(1)
			time.Sleep(feedFor / 3)
			j.retire(0)
		},
		"the broker is killed and comes back": func(j *job, _ *rand.Rand) {
			j.start(0)
			time.Sleep(feedFor / 3)
			j.broker.Kill(j.t)
			j.broker.Restart(j.t)
			j.kills++
		},
	}
	for name, play := range cases {
		t.Run(name, func(t *testing.T) {
			j := newJob(t)
			var have truth
			var err error
			var fed sync.WaitGroup
			fed.Go(func() { have, err = j.feed(t.Context()) })
			play(j, rand.New(rand.NewPCG(3, 4)))
			fed.Wait()
			if err != nil {
				t.Fatal(err)
			}
			j.check(have)
			j.stop()
		})
	}
}
