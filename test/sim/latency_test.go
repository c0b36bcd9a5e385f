package sim

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/control"
)

// TestAWorkerSaysHowOldItsResultsAre lets each end of a transaction take 300 ms, and writes rows whose timestamps are an hour old, and then rows
// of now: the backlog shows in the age of what is committed, and not in the time that batches took.
func TestAWorkerSaysHowOldItsResultsAre(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		const takes, old, valueBytes = 300 * time.Millisecond, time.Hour, 40
		s.slowEnds(takes)
		w := s.worker(t, job())
		ctx, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		cl, err := kgo.NewClient(append(s.client, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		rows := int64(0)
		for _, age := range []time.Duration{old, 0} {
			for range 10 {
				rows++
				value := `{"k":"k","id":` + strconv.FormatInt(rows, 10) + `,"ts":1000000000}`
				value += string(slices.Repeat([]byte(" "), valueBytes-len(value)))
				if err := cl.ProduceSync(ctx, &kgo.Record{Topic: inputTopic, Value: []byte(value), Timestamp: time.Now().Add(-age)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			sleep(ctx, 5*time.Second)
		}
		st := w.Snapshot()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if st.Rows.In < rows || st.Bytes.In < rows*valueBytes || st.Bytes.Out < rows*valueBytes/2 || st.Bytes.Changelogs == 0 {
			t.Errorf("%d rows in make %+v", st.Rows.In, st.Bytes)
		}
		judgeLatencies(t, &st, takes)
	})
}

func judgeLatencies(t *testing.T, st *control.Status, takes time.Duration) {
	t.Helper()
	bounds := control.LatencyBounds()
	short, _ := slices.BinarySearch(bounds[:], takes.Seconds())
	if n := st.Processing.Count(); n == 0 || sum(st.Processing.Buckets[:short]) > 0 || st.Processing.Buckets[len(bounds)] > 0 {
		t.Errorf("batches are committed at least %v after they came, and not an hour: %+v", takes, st.Processing)
	}
	if len(st.EndToEnd) != 2 || st.EndToEnd[0].Stage >= st.EndToEnd[1].Stage {
		t.Fatalf("ages of the stages %+v, want those of two in order", st.EndToEnd)
	}
	for _, age := range st.EndToEnd {
		hours, source := age.Oldest.Buckets[len(bounds)], age.Stage == job().Stages[0].Name
		if (hours > 0) != source || sum(age.Oldest.Buckets[:short]) > 0 || age.Oldest.Count() != age.Newest.Count() || age.Oldest.Count() == hours {
			t.Errorf("%s: %d of %d commits have an input that is an hour old: %+v", age.Stage, hours, age.Oldest.Count(), age)
		}
		if age.Newest.Seconds > age.Oldest.Seconds {
			t.Errorf("%s: the newest are older than the oldest: %+v", age.Stage, age)
		}
	}
}

func sum(list []int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}
