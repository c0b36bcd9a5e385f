//go:build integration

package integration_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/runtime/physical"
)

// TestABatchReadsItsRangeOnceWhateverDies runs two workers to the ends of a range on a real broker while rows come in behind it, and kills them on their
// way: each row of the range comes out once, each window of these rows fires once, also those that no later row would have closed, and nothing else
// comes, nor when a worker starts once more.
func TestABatchReadsItsRangeOnceWhateverDies(t *testing.T) {
	j := newJob(t)
	hands := j.hands()
	fed := j.feeds()
	time.Sleep(feedFor / 2)
	found, err := hands.Range(t.Context(), []string{"rows_in"}, time.Time{})
	j.must(err)
	j.endAt(found)
	j.start(0)
	j.start(1)
	for n := range 6 {
		time.Sleep(250 * time.Millisecond)
		j.signal(n%2, syscall.SIGKILL)
		j.kills++
	}
	j.awaitEnds(hands, found)
	have := <-fed
	j.signal(0, syscall.SIGKILL)
	time.Sleep(2 * time.Second)
	j.checkRange(found)
	if total := (&v1alpha1.StreamJobStatus{Range: found}).RangeRecords(); total == 0 || total >= have.rows {
		t.Errorf("the range has %d of %d rows: the test sees nothing", total, have.rows)
	}
	j.stop()
}

// endAt tells workers where the sources end.
func (j *job) endAt(found []v1alpha1.SourceRange) {
	ends := map[string][]int64{}
	for _, r := range found {
		ends[r.Topic] = r.To
	}
	text, err := json.Marshal(ends)
	j.must(err)
	j.extra = append(j.extra, "--ends="+string(text))
}

// awaitEnds waits as the operator does until all tasks are at their ends.
func (j *job) awaitEnds(hands *kafkaadmin.Cluster, found []v1alpha1.SourceRange) {
	j.t.Helper()
	names, within := physical.Topics{Prefix: prefix, StateEpoch: 1}, map[string]int{}
	for _, topic := range j.internal(names) {
		if topic.Kind == physical.ExchangeTopic {
			within[topic.Name] = topic.Partitions
		}
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		r, err := hands.Reading(j.t.Context(), names, found, within)
		if err == nil && r.Tasks == r.Ended && r.Left == 0 {
			return
		}
		if time.Now().After(deadline) {
			j.t.Errorf("it does not come to its end: %+v %v", r, err)
			return
		}
	}
}

// checkRange compares the output with the rows of the range.
func (j *job) checkRange(found []v1alpha1.SourceRange) {
	j.t.Helper()
	type value struct {
		row
		Start int64 `json:"window_start"`
		N     int64 `json:"n"`
	}
	rows, want, copies, counts := map[int64]bool{}, map[string]int64{}, map[int64]int{}, map[string][]int64{}
	j.everything(func(r *kgo.Record) {
		var v value
		if err := json.Unmarshal(r.Value, &v); err != nil {
			j.t.Errorf("%s: %v", r.Value, err)
		}
		switch {
		case r.Topic == "rows_in" && r.Offset >= found[0].To[r.Partition]:
		case r.Topic == "rows_in":
			rows[v.ID] = true
			want[v.K+"@"+strconv.FormatInt(v.TS/windowMillis*windowMillis, 10)]++
		case r.Topic == "copies":
			copies[v.ID]++
		default:
			w := v.K + "@" + strconv.FormatInt(v.Start, 10)
			counts[w] = append(counts[w], v.N)
		}
	}, "rows_in", "copies", "counts")
	missing, wrong := 0, []string{}
	for id := range rows {
		if copies[id] != 1 {
			missing++
		}
	}
	for w, n := range want {
		if got := counts[w]; len(got) != 1 || got[0] != n {
			wrong = append(wrong, w)
		}
	}
	if missing > 0 || len(copies) != len(rows) {
		j.t.Errorf("%d of %d rows are not there exactly once, and %d came", missing, len(rows), len(copies))
	}
	if len(wrong) > 0 || len(counts) != len(want) {
		j.t.Errorf("%d windows, want %d; wrong: %s", len(counts), len(want), strings.Join(wrong, ", "))
	}
	j.t.Logf("%d rows, %d windows, %d kills", len(rows), len(want), j.kills)
}
