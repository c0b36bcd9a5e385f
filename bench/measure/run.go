package measure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/engine"
)

const (
	samplePause  = 50 * time.Millisecond
	stopPatience = 20 * time.Second
	// stillness is how long nothing may move before a run counts as done: longer than any engine's commit interval.
	stillness = 3 * time.Second
)

// Task is one run to do.
type Task struct {
	Engine *engine.Engine
	Run    engine.Run
	// Events is how many records the topic holds, and LastStart the latest start of a window that must be complete.
	Events, LastStart int64
	Partitions        int
	// Silent says that the query has no rows.
	Silent bool
	// Patience bounds the run.
	Patience time.Duration
}

// Outcome is what a run used, and what came of it.
type Outcome struct {
	EventsPerCPUSecond      float64 `json:"events_per_cpu_second"`
	EventsPerCPUSecondWhole float64 `json:"events_per_cpu_second_whole_run"`
	EventsPerSecond         float64 `json:"events_per_second"`
	EventsPerSecondWhole    float64 `json:"events_per_second_whole_run"`
	CPUSeconds              float64 `json:"cpu_seconds"`
	Seconds                 float64 `json:"seconds"`
	PeakRSSBytes            int64   `json:"peak_rss_bytes"`
	FirstResultSeconds      float64 `json:"first_result_seconds"`
	BrokerBytes             int64   `json:"broker_bytes"`
	BrokerCPUSeconds        float64 `json:"broker_cpu_seconds"`
	OutputRecords           int64   `json:"output_records"`
	OutputRows              int64   `json:"output_rows"`
	OutputSum               int64   `json:"output_sum"`
	OutputDigest            string  `json:"output_digest"`
}

// Answer returns what the run computed.
func (o Outcome) Answer() answer.Answer {
	return answer.Answer{Rows: o.OutputRows, Sum: o.OutputSum, Digest: o.OutputDigest}
}

// Measure does a run. What the engine says goes to engine.log in the run's folder.
func (b *Broker) Measure(ctx context.Context, t Task) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, t.Patience)
	defer cancel()
	if err := b.Clear(ctx, t.Run.Topic); err != nil {
		return Outcome{}, err
	}
	if err := b.Create(ctx, t.Partitions, t.Run.Output); err != nil {
		return Outcome{}, err
	}
	log, err := os.Create(filepath.Join(t.Run.Folder, "engine.log"))
	if err != nil {
		return Outcome{}, err
	}
	defer func() { _ = log.Close() }() // what is lost is the engine's talk
	args, err := t.Engine.Command(t.Run)
	if err != nil {
		return Outcome{}, err
	}
	w := watch{broker: b, task: t, said: &progress{to: log}}
	if w.ends, err = b.admin.ListEndOffsets(ctx, t.Run.Topic); err != nil {
		return Outcome{}, err
	}
	brokerCPU, err := CPUSeconds(b.ProcessID)
	if err != nil {
		return Outcome{}, err
	}
	w.samples = []sample{{brokerCPU: brokerCPU}}
	w.start = time.Now()
	if w.process, err = Start(args, w.said); err != nil {
		return Outcome{}, err
	}
	err = w.untilDone(ctx)
	w.process.Stop(stopPatience)
	if err != nil {
		return Outcome{}, errors.Join(fmt.Errorf("%s on %s: %w", t.Engine.Name, t.Run.Query.Name, err), lastWords(log.Name()))
	}
	return w.outcome(ctx)
}

// watch follows one run.
type watch struct {
	broker  *Broker
	task    Task
	said    *progress
	ends    kadm.ListedOffsets
	process *Process
	start   time.Time
	samples []sample
	first   time.Duration
	peak    int64
}

// untilDone samples until all input is committed and nothing moves any more.
func (w *watch) untilDone(ctx context.Context) error {
	ticks := time.NewTicker(samplePause)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			last := w.samples[len(w.samples)-1]
			return fmt.Errorf("not done after %v: %d of %d events, %d records out: %w", time.Since(w.start).Round(time.Second),
				last.consumed, w.task.Events, last.output, ctx.Err())
		case <-w.process.Ended():
			return fmt.Errorf("it ended early: %s", w.process.Status())
		case <-ticks.C:
		}
		s, err := w.look(ctx)
		if err != nil {
			return err
		}
		w.samples = append(w.samples, s)
		if w.first == 0 && s.output > 0 {
			w.first = s.at
		}
		if s.done && (s.output > 0 || w.task.Silent) && s.at-w.samples[lastProgress(w.samples)].at > stillness {
			return nil
		}
	}
}

// look takes a sample. Processor time is read first: what is asked of the broker takes a while.
func (w *watch) look(ctx context.Context) (s sample, err error) {
	pid := w.process.ID()
	s.at = time.Since(w.start)
	if s.cpu, err = CPUSeconds(pid); err != nil {
		return s, err
	}
	if s.brokerCPU, err = CPUSeconds(w.broker.ProcessID); err != nil {
		return s, err
	}
	peak, err := PeakRSSBytes(pid)
	if err != nil {
		return s, err
	}
	w.peak = max(w.peak, peak)
	before := w.samples[len(w.samples)-1]
	if s.output, s.consumed, s.done, err = w.ask(ctx); err != nil {
		// a broker that elects leaders or loads its offsets answers later; one that is gone has no processor time either
		s.output, s.consumed, s.done = before.output, before.consumed, false
	}
	return s, nil
}

// ask asks how far the engine is.
func (w *watch) ask(ctx context.Context) (output, consumed int64, done bool, err error) {
	if output, err = w.broker.committed(ctx, w.task.Run.Output); err != nil {
		return 0, 0, false, err
	}
	if w.task.Engine.Reports {
		consumed = w.said.total()
		return output, consumed, consumed >= w.task.Events, nil
	}
	consumed, done, err = w.broker.consumed(ctx, w.task.Run.Group, w.task.Run.Topic, w.ends)
	return output, consumed, done, err
}

// outcome reads the output and puts the figures together.
func (w *watch) outcome(ctx context.Context) (Outcome, error) {
	whole, warm := windows(w.samples, w.task.Events)
	o := Outcome{
		EventsPerCPUSecond: warm.perCPU, EventsPerCPUSecondWhole: whole.perCPU,
		EventsPerSecond: warm.perSeconds, EventsPerSecondWhole: whole.perSeconds,
		CPUSeconds: whole.cpuSeconds, Seconds: whole.wall, PeakRSSBytes: w.peak, FirstResultSeconds: w.first.Seconds(),
		BrokerCPUSeconds: whole.brokerCPUSeconds,
	}
	var err error
	if o.BrokerBytes, err = w.broker.Bytes(ctx, w.task.Run.Topic); err != nil {
		return o, err
	}
	collector := answer.NewCollector(w.task.Run.Query, w.task.LastStart, w.task.Engine.Updates)
	if err := w.broker.Read(ctx, w.task.Run.Output, collector.Add); err != nil {
		return o, err
	}
	a := collector.Answer()
	o.OutputRecords, o.OutputRows, o.OutputSum, o.OutputDigest = collector.Records, a.Rows, a.Sum, a.Digest
	return o, nil
}

// lastWords is the end of an engine's log as an error.
func lastWords(path string) error {
	const shown = 3000
	text, err := os.ReadFile(path) //nolint:gosec // the run's own file
	if err != nil {
		return err
	}
	return fmt.Errorf("it said: …%s", text[max(0, len(text)-shown):])
}
