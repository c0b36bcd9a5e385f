package killpoints

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
)

// asBatch is a job that ends.
func asBatch(s *v1alpha1.StreamJobSpec) {
	s.Mode, s.Savepoints = v1alpha1.ModeBatch, nil
}

// stored puts rows into the input before anything begins: the load goes on behind them.
func stored(w *world) {
	const steps = 30
	var records []*kgo.Record
	for step := range steps {
		ts := time.Now().Add(time.Duration(step-steps) * 5 * time.Second).UnixMilli()
		for range rowsPerFeed {
			records = append(records, &kgo.Record{Topic: "in", Partition: int32(w.load.next) % inputs, Value: row(fmt.Sprintf("k%d", w.load.next%keys), w.load.next, ts)})
			w.load.next++
		}
	}
	w.must(w.load.client.ProduceSync(w.t.Context(), records...).FirstErr())
}

// completes holds when the job is complete, and has nothing but its plan and its record.
func completes(ctx context.Context, w *world) error {
	job, err := w.job(ctx)
	if err != nil {
		return err
	}
	s := &job.Status
	if s.Phase != v1alpha1.PhaseCompleted || s.CompletedAt == nil || s.Attempt != nil || !meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionComplete) {
		return fmt.Errorf("%s: %+v", journal(job), s.Conditions)
	}
	topics, err := w.internal(ctx)
	if err == nil && len(topics) > 0 {
		err = fmt.Errorf("topics %v are left", topics)
	}
	return errors.Join(workers(0)(ctx, w), err)
}

// begins holds when the job has begun, and has its range.
func begins(ctx context.Context, w *world) error {
	job, err := w.job(ctx)
	if err != nil {
		return err
	}
	if job.Status.Epoch == 0 {
		return errors.New(journal(job))
	}
	w.begunWith = job.Status.Range
	return nil
}

// judgeRange says what is wrong with what came out of a job that was to read a range: rows of it that did not come once, windows that count others
// than its rows, and whatever else came.
func (w *world) judgeRange(ctx context.Context, got *seen) string {
	want, counts, err := w.inRange(ctx)
	if err != nil {
		return err.Error()
	}
	wrong := 0
	for id := range want {
		if got.copies[id] != 1 {
			wrong++
		}
	}
	for key, n := range counts {
		if list := got.counts[key]; len(list) != 1 || list[0] != n {
			wrong++
		}
	}
	if wrong > 0 || len(got.copies) != len(want) || len(got.counts) != len(counts) {
		return fmt.Sprintf("of %d rows and %d windows %d are wrong; %d rows and %d windows came", len(want), len(counts), wrong, len(got.copies), len(got.counts))
	}
	return ""
}

// inRange reads the rows of the range: their ids, and how many there are in each window.
func (w *world) inRange(ctx context.Context) (ids map[int64]bool, counts map[string]int64, err error) {
	if len(w.begunWith) != 1 || len(w.begunWith[0].To) != int(inputs) {
		return nil, nil, fmt.Errorf("the range is %+v", w.begunWith)
	}
	to := w.begunWith[0].To
	cl, err := kgo.NewClient(append(w.brokers, kgo.ConsumeTopics("in"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return nil, nil, err
	}
	defer cl.Close()
	ids, counts = map[int64]bool{}, map[string]int64{}
	left := to[0] + to[1]
	for begun := time.Now(); left > 0 && time.Since(begun) < time.Minute; {
		poll, cancel := context.WithTimeout(ctx, time.Second)
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			if r.Offset >= to[r.Partition] {
				return
			}
			left--
			var in struct {
				K  string `json:"k"`
				ID int64  `json:"id"`
				TS int64  `json:"ts"`
			}
			w.must(decode(r.Value, &in))
			ids[in.ID] = true
			counts[countKey(in.K, in.TS/window.Milliseconds()*window.Milliseconds())]++
		})
		cancel()
	}
	if left > 0 {
		return nil, nil, fmt.Errorf("%d rows of the range are not there", left)
	}
	return ids, counts, nil
}

func both(a, b func(w *world)) func(w *world) {
	return func(w *world) {
		a(w)
		b(w)
	}
}

// batchScenarios are those of jobs that end.
func batchScenarios() []*scenario {
	minute := int32(60)
	return []*scenario{
		{name: "batch", set: stored, begin: asBatch, whole: true, starts: begins, judges: rangeOnly, steps: []step{{"it ends", func(*world) {}, completes}}, ends: completes},
		{
			name: "batch-suspended", set: both(stored, sick("job-1-")), begin: asBatch, starts: begins, judges: rangeOnly, ends: completes,
			steps: []step{{"suspend", suspend(true), rests(false)}, {"resume", suspend(false), completes}},
		},
		{
			name: "batch-lives-out", set: stored, begin: func(s *v1alpha1.StreamJobSpec) { asBatch(s); s.TTLSecondsAfterFinished = &minute },
			starts: begins, judges: rangeOnly, ends: nothing(0), steps: []step{{"it ends, and goes", func(*world) {}, gone}},
		},
	}
}
