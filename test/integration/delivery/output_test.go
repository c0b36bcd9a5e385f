//go:build integration

package delivery_test

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// output is what a read-committed consumer has seen. It is safe for concurrent use.
type output struct {
	mu     sync.Mutex
	copies map[int64]int
	counts map[string][]int64
	last   time.Time
}

// watch reads the job's results until ctx ends.
func (o *output) watch(ctx context.Context, t *testing.T, address, copies, counts string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.ConsumeTopics(copies, counts),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Error(err)
		return
	}
	defer cl.Close()
	for ctx.Err() == nil {
		cl.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			var v struct {
				K     string `json:"k"`
				ID    int64  `json:"id"`
				Start int64  `json:"window_start"`
				N     int64  `json:"n"`
			}
			if err := json.Unmarshal(r.Value, &v); err != nil {
				t.Errorf("%s: %v", r.Value, err)
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			o.last = time.Now()
			if r.Topic == copies {
				o.copies[v.ID]++
			} else {
				window := v.K + "@" + strconv.FormatInt(v.Start, 10)
				o.counts[window] = append(o.counts[window], v.N)
			}
		})
	}
}

// whole says that nothing is missing.
func (o *output) whole(have truth) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return int64(len(o.copies)) >= have.rows && len(o.counts) >= len(have.counts)
}

// quiet says that nothing has come for a while.
func (o *output) quiet(d time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Since(o.last) > d
}

// sum is what became of the rows.
type sum struct {
	lost, doubled   int // copies
	missing, again  int // windows without a result, and results beyond the first
	less, more      int // results that count too few rows, or too many
	neverInTheInput int
}

func (o *output) sum(have truth) (s sum) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := int64(1); id <= have.rows; id++ {
		s.lost += max(0, 1-o.copies[id])
		s.doubled += max(0, o.copies[id]-1)
	}
	for window, n := range have.counts {
		got := o.counts[window]
		s.missing += max(0, 1-len(got))
		s.again += max(0, len(got)-1)
		for _, g := range got {
			switch {
			case g < n:
				s.less++
			case g > n:
				s.more++
			}
		}
	}
	for window := range o.counts {
		if _, ok := have.counts[window]; !ok {
			s.neverInTheInput++
		}
	}
	return s
}
