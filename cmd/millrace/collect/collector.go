package collect

import (
	"context"
	"errors"
	"maps"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
)

// Writer takes the rows of a topic. Methods are called from one goroutine.
type Writer interface {
	// Row writes one row, a JSON object; value is valid until it returns.
	Row(value []byte) error
	// Flush makes what was written visible, where the writer can.
	Flush() error
	// Close writes what belongs to the end; nothing is written after it.
	Close() error
}

// Collector copies a topic's committed records to a writer. Call Run once; Rows and First may be called meanwhile.
type Collector struct {
	client *kgo.Client
	topic  string
	out    Writer
	rows   atomic.Int64
	first  atomic.Int64 // unix nanoseconds of the first row, 0 before it

	from map[int32]int64 // where the run began
	ends chan map[int32]int64
}

// New returns a collector. The client consumes the topic's partitions directly from where the run began, which is at
// from, read committed and with control records kept; it is not closed here.
func New(client *kgo.Client, topic string, from map[int32]int64, out Writer) *Collector {
	return &Collector{client: client, topic: topic, from: from, out: out, ends: make(chan map[int32]int64, 1)}
}

// Topic returns the topic that is read.
func (c *Collector) Topic() string { return c.topic }

// Rows returns the number of rows written so far.
func (c *Collector) Rows() int64 { return c.rows.Load() }

// First returns when the first row came; the zero time before it.
func (c *Collector) First() time.Time {
	if n := c.first.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// StopAt tells Run to return once it has read up to these end offsets. Call it once at most.
func (c *Collector) StopAt(ends map[int32]int64) { c.ends <- ends }

// Run copies until the ends given to StopAt are reached, or ctx ends (which is no error).
func (c *Collector) Run(ctx context.Context) error {
	position := maps.Clone(c.from)
	if position == nil {
		position = map[int32]int64{}
	}
	var ends map[int32]int64
	for {
		poll, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		fetches := c.client.PollFetches(poll)
		cancel()
		if err := fetchError(ctx, fetches); err != nil {
			return fault.Wrap(fault.Transient, err, "read topic %s", c.topic)
		}
		if err := c.write(fetches, position); err != nil {
			return err
		}
		select {
		case ends = <-c.ends:
		default:
		}
		if ctx.Err() != nil || ends != nil && reached(position, ends) {
			return c.out.Flush()
		}
	}
}

func (c *Collector) write(fetches kgo.Fetches, position map[int32]int64) error {
	var failure error
	n := int64(0)
	fetches.EachRecord(func(r *kgo.Record) {
		position[r.Partition] = r.Offset + 1
		if failure != nil || r.Attrs.IsControl() {
			return
		}
		n++
		failure = c.out.Row(r.Value)
	})
	if n > 0 && c.first.Load() == 0 {
		c.first.Store(time.Now().UnixNano())
	}
	c.rows.Add(n)
	if failure != nil {
		kind := fault.KindOf(failure)
		if kind == fault.Unknown {
			kind = fault.Transient
		}
		return fault.Wrap(kind, failure, "write the rows of topic %s", c.topic)
	}
	if n == 0 {
		return nil
	}
	return c.out.Flush()
}

func reached(position, ends map[int32]int64) bool {
	for p, end := range ends {
		if position[p] < end {
			return false
		}
	}
	return true
}

// fetchError returns what is wrong besides that the poll's time is over.
func fetchError(ctx context.Context, fetches kgo.Fetches) error {
	for _, e := range fetches.Errors() {
		if ctx.Err() == nil && !errors.Is(e.Err, context.DeadlineExceeded) && !errors.Is(e.Err, context.Canceled) {
			return e.Err
		}
	}
	return nil
}
