package autoscale_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/controllers/autoscale"
)

// steady is a job whose every figure is the same all the time, as a table needs it.
type steady struct {
	workers int
	// rows are read and lag grows by growth, per second, all over the source's partitions; lag is at the end.
	rows, growth, lag float64
	partitions        int
	// busy and blocked are shares of each worker's time.
	busy, blocked float64
	// hot is the share that the first partition has of rows, time and lag; 0 is an even one.
	hot float64
}

var epoch = time.Unix(1_700_000_000, 0)

// sample is what is seen after some seconds; 70 is the last one.
func (s steady) sample(after int) autoscale.Sample {
	at := float64(after)
	list := make([]autoscale.Worker, s.workers)
	for i := range list {
		list[i] = autoscale.Worker{Name: fmt.Sprintf("w%d", i), Busy: s.busy * at, Backpressure: s.blocked * at, Idle: (1 - s.busy - s.blocked) * at}
	}
	for p := range s.partitions {
		share := 1 / float64(s.partitions)
		if s.hot > 0 {
			share = (1 - s.hot) / float64(s.partitions-1)
			if p == 0 {
				share = s.hot
			}
		}
		w := &list[p%s.workers]
		w.Tasks = append(w.Tasks, autoscale.Task{
			Stage: "source", Partition: int32(p), Source: true, Rows: share * s.rows * at, Busy: share * s.busy * float64(s.workers) * at,
			Lag: int64(share * (s.lag - s.growth*(70-at))),
		})
	}
	return autoscale.Sample{At: epoch.Add(time.Duration(after) * time.Second), Wanted: s.workers, Ready: s.workers, Workers: list}
}

func (s steady) memory() *autoscale.Memory {
	m := &autoscale.Memory{}
	for after := 0; after <= 70; after += 10 {
		m.Add(s.sample(after))
	}
	return m
}

// The formulas, worked: need = (input / target + lag / catch-up + input × settling / catch-up) / capacity, with a target of 0.7, a catch-up of 300 s
// and, before any change, a settling time of 30 s, which is input × 0.1.
func TestTheFormulasWorked(t *testing.T) {
	now := epoch.Add(70 * time.Second)
	rise := func(settled time.Duration) autoscale.History {
		return autoscale.History{{At: epoch.Add(-settled), From: 1, To: 2, Rows: 4000, Settled: settled}}
	}
	cases := map[string]struct {
		job     steady
		history autoscale.History
		policy  func(*autoscale.Policy)
		want    string
		message string
	}{
		// capacity 9000/1.8 = 5000; threshold 9000/0.7/5000 = 2.57; target (12857 + 900)/5000 = 2.75
		"no backlog": {job: steady{workers: 2, rows: 9000, partitions: 16, busy: 0.9}, want: "3 LoadRose", message: "needs 2.8 workers, of 5000 rows/s each by time in use"},
		// capacity 9000/1.4 = 6429; threshold 2.0 is what there is
		"at the target": {job: steady{workers: 2, rows: 9000, partitions: 16, busy: 0.7}, want: "2 Steady"},
		// threshold 2.14 is within a tenth of 2
		"within the tolerance": {job: steady{workers: 2, rows: 9000, partitions: 16, busy: 0.75}, want: "2 Steady"},
		// input 9000 + 1000 = 10000; capacity 9000/2 = 4500; lag 900000/300 = 3000: (14286 + 3000 + 1000)/4500 = 4.06
		"a backlog that grows": {job: steady{workers: 2, rows: 9000, growth: 1000, lag: 900_000, partitions: 16, busy: 1}, want: "5 LagGrew", message: "10000 rows/s arrive"},
		// the same lag at rest: input 9000, (12857 + 3000 + 900)/4500 = 3.72; it is the minute's need that counts
		"a backlog at rest": {job: steady{workers: 2, rows: 9000, lag: 900_000, partitions: 16, busy: 1}, want: "4 LoadRose"},
		// without a catch-up time the lag counts for nothing: 9000/0.7/4500 = 2.86
		"a backlog that need not go": {job: steady{workers: 2, rows: 9000, lag: 900_000, partitions: 16, busy: 1}, policy: func(p *autoscale.Policy) { p.CatchUp = 0 }, want: "3 LoadRose"},
		// by time in use 9000/1.2 = 7500 a worker, but under this backlog two do 4500 each: (12857 + 3000 + 900)/4500 = 3.72
		"capacity as observed": {job: steady{workers: 2, rows: 9000, lag: 900_000, partitions: 16, busy: 0.6}, want: "4 LoadRose", message: "of 4500 rows/s each as seen under backlog"},
		// … of which a fifth was waited for brokers: 9000/1.6 = 5625: 16757/5625 = 2.98; by time in use 7500 it is more than 1.15 times that
		"capacity as observed between waits": {job: steady{workers: 2, rows: 9000, lag: 900_000, partitions: 16, busy: 0.6, blocked: 0.2}, want: "3 LoadRose", message: "5625 rows/s each as seen"},
		// 9000/0.7 + 9000 × 300/300 = 21857; /5000 = 4.37
		"workers that take five minutes": {job: steady{workers: 2, rows: 9000, partitions: 16, busy: 0.9}, history: rise(5 * time.Minute), want: "5 LoadRose"},
		// what took longer than ten minutes counts as ten: 9000/0.7 + 9000 × 2 = 30857; /5000 = 6.17
		"workers that took an hour": {job: steady{workers: 2, rows: 9000, partitions: 16, busy: 0.9}, history: rise(time.Hour / 2), want: "7 LoadRose"},
		// 18286/4500 = 4.06, of 3 partitions
		"no more than partitions": {job: steady{workers: 2, rows: 9000, growth: 1000, lag: 900_000, partitions: 3, busy: 1}, want: "3 LagGrew"},
		"all partitions have one": {job: steady{workers: 3, rows: 9000, growth: 1000, lag: 900_000, partitions: 3, busy: 1}, want: "3 LimitedByPartitions", message: "at most 3 partitions"},
		"no more than the most":   {job: steady{workers: 2, rows: 9000, growth: 1000, lag: 900_000, partitions: 16, busy: 1}, policy: func(p *autoscale.Policy) { p.Max = 3 }, want: "3 LagGrew"},
		"the most are there":      {job: steady{workers: 3, rows: 9000, growth: 1000, lag: 900_000, partitions: 16, busy: 1}, policy: func(p *autoscale.Policy) { p.Max = 3 }, want: "3 LimitedByMaximum", message: "maxWorkers is 3"},
		"above the most":          {job: steady{workers: 6, rows: 9000, partitions: 16, busy: 0.9}, policy: func(p *autoscale.Policy) { p.Max = 3 }, want: "3 OutOfBounds"},
		"below the least":         {job: steady{workers: 1, rows: 9000, partitions: 16, busy: 0.1}, policy: func(p *autoscale.Policy) { p.Min = 2 }, want: "2 OutOfBounds"},
		// the need is 3.65 workers; of that the first partition has 2.4, and can use 1, and the others 1.04
		"a hot partition": {job: steady{workers: 3, rows: 9000, growth: 3000, lag: 1_800_000, partitions: 16, busy: 0.45, hot: 0.7}, want: "3 Skewed", message: "task source/0 has 70 % of its stage's work"},
		"brokers that are full": {
			job: steady{workers: 2, rows: 9000, growth: 1000, lag: 9_000_000, partitions: 16, busy: 0.3, blocked: 0.6}, want: "2 Backpressure", message: "wait for brokers for 60 %",
		},
		"workers that wait": {job: steady{workers: 2, rows: 9000, growth: 1000, lag: 90_000_000, partitions: 16, busy: 0.2}, want: "2 WorkersIdle", message: "is in use for 20 %"},
		"nothing to do":     {job: steady{workers: 4, partitions: 16}, want: "4 ScaleDownDelayed", message: "1 would be enough"},
		"no task gets on":   {job: steady{workers: 2, growth: 100, lag: 10_000, partitions: 2}, want: "2 NoProgress", message: "source/0, source/1"},
		// twice the workers, and 50 rows more: of 4000 that were expected
		"workers that brought nothing": {
			job: steady{workers: 2, rows: 4050, growth: 1000, lag: 900_000, partitions: 16, busy: 1}, history: rise(time.Minute), want: "2 Ineffective", message: "from 1 to 2 workers",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			policy := usual()
			if c.policy != nil {
				c.policy(&policy)
			}
			d := c.job.memory().Decide(autoscale.Input{Now: now, Policy: policy, Wanted: c.job.workers, History: c.history})
			if got := fmt.Sprintf("%d %s", d.Workers, d.Reason); got != c.want || !strings.Contains(d.Message, c.message) {
				t.Errorf("got %s, want %s: %s (%+v)", got, c.want, d.Message, d.Conditions)
			}
		})
	}
}

func TestTooLittleKnownIsNoReasonToAct(t *testing.T) {
	busy := steady{workers: 2, rows: 9000, growth: 5000, lag: 900_000, partitions: 4, busy: 1}
	at := func(after int) time.Time { return epoch.Add(time.Duration(after) * time.Second) }
	cases := map[string]struct {
		see  func(*autoscale.Memory)
		now  int
		want autoscale.Reason
	}{
		"nothing":           {func(*autoscale.Memory) {}, 70, autoscale.WindowFilling},
		"two samples":       {func(m *autoscale.Memory) { m.Add(busy.sample(0)); m.Add(busy.sample(10)) }, 10, autoscale.WindowFilling},
		"none for a minute": {func(m *autoscale.Memory) { *m = *busy.memory() }, 140, autoscale.MetricsStale},
		"a gap": {func(m *autoscale.Memory) {
			m.Add(busy.sample(0))
			m.Add(busy.sample(60))
			m.Add(busy.sample(70))
		}, 70, autoscale.WindowFilling},
		"a worker that does not answer": {func(m *autoscale.Memory) {
			*m = *busy.memory()
			s := busy.sample(80)
			s.Silent, s.Workers = []string{"w1"}, s.Workers[:1]
			m.Add(s)
		}, 80, autoscale.MetricsMissing},
		"a task that nobody has": {func(m *autoscale.Memory) {
			*m = *busy.memory()
			s := busy.sample(80)
			s.Workers[1].Tasks = s.Workers[1].Tasks[:1]
			m.Add(s)
		}, 80, autoscale.MetricsMissing},
		"no worker": {func(m *autoscale.Memory) { m.Add(autoscale.Sample{At: at(0), Wanted: 2}) }, 0, autoscale.MetricsMissing},
		"a worker that is not ready": {func(m *autoscale.Memory) {
			s := busy.sample(0)
			s.Ready, s.Workers = 1, s.Workers[:1]
			m.Add(s)
		}, 0, autoscale.Rescaling},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := &autoscale.Memory{}
			c.see(m)
			d := m.Decide(autoscale.Input{Now: at(c.now), Policy: usual(), Wanted: 2})
			if d.Changed || d.Reason != c.want || len(d.Conditions) != 1 || d.Conditions[0].Holds {
				t.Errorf("got %s, want %s: %+v", d.Reason, c.want, d)
			}
		})
	}
}

// A counter that begins anew, in a worker that was started again or a task that has moved, is no load.
func TestCountersThatBeginAnewAreNoLoad(t *testing.T) {
	job := steady{workers: 2, rows: 9000, partitions: 4, busy: 0.7}
	m := &autoscale.Memory{}
	for after := 1000; after <= 1070; after += 10 {
		s := job.sample(after)
		for i := range s.Workers[1].Tasks {
			task := &s.Workers[1].Tasks[i]
			task.Lag = 0
			if after >= 1030 { // it began at 1025
				task.Rows -= 1025 * 9000 / 4
				task.Busy -= 1025 * 0.35
			}
		}
		for i := range s.Workers[0].Tasks {
			s.Workers[0].Tasks[i].Lag = 0
		}
		m.Add(s)
	}
	d := m.Decide(autoscale.Input{Now: epoch.Add(1070 * time.Second), Policy: usual(), Wanted: 2})
	if d.Reason != autoscale.Steady || d.Rows < 8000 || d.Rows > 9000 {
		t.Errorf("%.0f rows/s: %s %s", d.Rows, d.Reason, d.Message)
	}
}

func TestWorkersThatDoNotComeAreNotWaitedForForEver(t *testing.T) {
	job := steady{workers: 2, rows: 900, partitions: 4, busy: 0.1}
	m := &autoscale.Memory{}
	policy := usual()
	policy.ScaleDownDelay = 2 * time.Minute
	var d autoscale.Decision
	for after := 0; after <= 600; after += 10 {
		s := job.sample(after)
		s.Wanted = 8
		for i := range s.Workers {
			for j := range s.Workers[i].Tasks {
				s.Workers[i].Tasks[j].Lag = 0
			}
		}
		m.Add(s)
		d = m.Decide(autoscale.Input{Now: s.At, Policy: policy, Wanted: 8})
		if after < 290 && d.Reason != autoscale.Rescaling {
			t.Fatalf("after %d s: %s %s", after, d.Reason, d.Message)
		}
		if d.Changed {
			break
		}
	}
	if d.Workers != 4 || d.Reason != autoscale.LoadFell {
		t.Errorf("got %d %s: %s", d.Workers, d.Reason, d.Message)
	}
}

func TestARestedJobWakes(t *testing.T) {
	policy := usual()
	policy.ZeroAfter, policy.Min = 10*time.Minute, 2
	for name, c := range map[string]struct {
		rested autoscale.Rested
		after  time.Duration
		want   string
	}{
		"nothing arrives":      {autoscale.Rested{Known: true, Before: 3}, time.Hour, "0 AtZero"},
		"records wait":         {autoscale.Rested{Known: true, Lag: 1, Before: 3}, time.Hour, "3 InputArrived"},
		"it is not known":      {autoscale.Rested{Lag: 1, Before: 3}, time.Hour, "0 AtZero"},
		"a day has passed":     {autoscale.Rested{Known: true, Before: 1}, 24 * time.Hour, "2 OffsetsAging"},
		"a day on a savepoint": {autoscale.Rested{Known: true, Before: 1, Kept: true}, 24 * time.Hour, "0 AtZero"},
		"there were so many":   {autoscale.Rested{Known: true, Lag: 1, Before: 99}, time.Hour, "32 InputArrived"},
	} {
		c.rested.Since = epoch
		d := autoscale.Wake(epoch.Add(c.after), &policy, c.rested)
		if got := fmt.Sprintf("%d %s", d.Workers, d.Reason); got != c.want || d.Changed != (d.Workers > 0) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
