package task_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/assign"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

const (
	windowSize = 100
	disorder   = 30
)

// rawDecoder reads rows of two numbers: key and event time.
type rawDecoder struct{}

func (rawDecoder) Decode(value []byte, dst *batch.Batch) error {
	if len(value) != 16 {
		return fault.New(fault.Data, fault.Place{}, "column key: %d bytes", len(value))
	}
	dst.Columns[0].AppendInt64(int64(binary.LittleEndian.Uint64(value)))
	dst.Columns[1].AppendInt64(int64(binary.LittleEndian.Uint64(value[8:])))
	return nil
}

func rawRow(key, at int64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, uint64(key)), uint64(at))
}

// textEncoder writes the columns of a result.
type textEncoder struct{}

func (textEncoder) Encode(dst []byte, b *batch.Batch, row int) ([]byte, error) {
	return fmt.Appendf(dst, "%d@%d=%d", b.Columns[0].Int64[row], b.Columns[1].Int64[row], b.Columns[2].Int64[row]), nil
}

// counter is the smallest windowed aggregate: rows by (key, window end), written through to its view at once.
type counter struct {
	view *state.View
	at   types.Watermark
	out  batch.Batch
	late operator.LateRows
}

func (c *counter) key(key, end int64) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(end)^1<<63)
	return binary.BigEndian.AppendUint64(b, uint64(key))
}

func (c *counter) Open(view *state.View) error { c.view, c.at = view, types.NoWatermark; return nil }
func (c *counter) Flush() error                { return nil }
func (c *counter) Reset() error                { c.at = types.NoWatermark; return nil }

func (c *counter) Push(b *batch.Batch, _ operator.Output) error {
	for i := range b.Length {
		key, end := b.Columns[0].Int64[i], b.Columns[3].Int64[i]
		if types.Watermark(end) <= c.at {
			c.late.Late(1, int64(c.at)-end)
			continue
		}
		k := c.key(key, end)
		old, _, err := c.view.Get(k)
		if err != nil {
			return err
		}
		n := uint64(1)
		if len(old) == 8 {
			n += binary.BigEndian.Uint64(old)
		}
		if err := c.view.Put(k, binary.BigEndian.AppendUint64(nil, n)); err != nil {
			return err
		}
	}
	return nil
}

func (c *counter) Advance(w types.Watermark, out operator.Output) error {
	c.at = w
	c.out.Reset([]types.Kind{types.BigInt, types.Timestamp, types.BigInt})
	upper := binary.BigEndian.AppendUint64(nil, (uint64(w)+1)^1<<63)
	if w == types.EndOfInput {
		upper = nil
	}
	err := c.view.Scan(nil, upper, func(k, v []byte) error {
		c.out.Columns[0].AppendInt64(int64(binary.BigEndian.Uint64(k[8:])))
		c.out.Columns[1].AppendInt64(int64(binary.BigEndian.Uint64(k) ^ 1<<63))
		c.out.Columns[2].AppendInt64(int64(binary.BigEndian.Uint64(v)))
		c.out.Length++
		return nil
	})
	if err != nil || c.out.Length == 0 {
		return err
	}
	if err := out.Push(&c.out); err != nil {
		return err
	}
	return c.view.DeleteRange(nil, upper)
}

// world is a job of two stages: windows by source partition, counts behind an exchange.
type world struct {
	log        *tasktest.Log
	partitions int // of the source
	parallel   int // of the exchange
	recordSize int // where exchange records are split
	skip       bool
	plain      bool // no transactions
	slow       bool // windows are emitted in goes
	idle       time.Duration
	laps       task.Laps
	plants     task.Plants
}

var sourceKinds = []types.Kind{types.BigInt, types.Timestamp} // key, time

var movedKinds = []types.Kind{types.BigInt, types.Timestamp, types.Timestamp, types.Timestamp} // and the window

func newWorld(partitions, parallel, recordSize int) *world {
	w := &world{log: tasktest.NewLog(), partitions: partitions, parallel: parallel, recordSize: recordSize}
	w.log.Create("in", partitions)
	w.log.Create("x", parallel)
	w.log.Create("counts-changelog", parallel)
	w.log.Create("out", 2)
	return w
}

func (w *world) ids() []tasktest.TaskID {
	var ids []tasktest.TaskID
	for p := range w.partitions {
		ids = append(ids, tasktest.TaskID{Stage: "source", Topic: "in", Partition: int32(p)})
	}
	for p := range w.parallel {
		ids = append(ids, tasktest.TaskID{Stage: "counts", Topic: "x", Partition: int32(p), Changelog: "counts-changelog"})
	}
	return ids
}

func (w *world) factory(emit task.Emit) tasktest.Factory {
	writer, err := exchange.NewWriter(exchange.Config{
		Topic: "x", Partitions: w.parallel, JobEpoch: 1, Kinds: movedKinds, Keys: []int{0},
		BoundaryMicros: windowSize, WindowEnd: 3, RecordBytes: w.recordSize,
	}, emit)
	return func(id tasktest.TaskID) (*task.Task, error) {
		if err != nil {
			return nil, err
		}
		tally := task.NewTally(w.skip)
		cfg := task.Config{Stage: id.Stage, Topic: id.Topic, Partition: id.Partition, JobEpoch: 1, Changelog: id.Changelog, Laps: w.laps, Emit: emit, Tally: tally, Untransacted: w.plain, Plants: w.plants}
		if id.Stage == "source" {
			lane, err := writer.Lane(id.Partition, w.partitions, tally.Outputs())
			if err != nil {
				return nil, err
			}
			assigner, err := assign.New(assign.Config{Time: 1, Shape: window.Shape{SizeMicros: windowSize, StepMicros: windowSize}}, tally, tally)
			if err != nil {
				return nil, err
			}
			cfg.Source = &task.Source{Decoder: rawDecoder{}, Kinds: sourceKinds, EventTime: 1, MaxOutOfOrdernessMicros: disorder, RowWatermarks: true, IdleTimeout: w.idle}
			cfg.Branches = []task.Branch{{Steps: []task.Step{{ID: "window", Operator: assigner}}, Output: lane}}
			return task.New(cfg)
		}
		cfg.Exchange = movedKinds
		var count operator.Operator = &counter{late: tally}
		if w.slow {
			count = &slow{counter: counter{late: tally}}
		}
		cfg.Branches = []task.Branch{{
			Steps:  []task.Step{{ID: "count", Operator: count}},
			Output: task.NewSink("out", textEncoder{}, emit, tally.Outputs()),
		}}
		return task.New(cfg)
	}
}

// oracle keeps the truth by the published rules alone.
type oracle struct {
	counts map[string]int
	high   []int64 // largest event time by source partition
	late   int
}

func newOracle(partitions int) *oracle {
	o := &oracle{counts: map[string]int{}, high: make([]int64, partitions)}
	for p := range o.high {
		o.high[p] = -1 << 60
	}
	return o
}

func (o *oracle) add(partition int, key, at int64) {
	start := at / windowSize * windowSize
	if at < start {
		start -= windowSize
	}
	if end := start + windowSize; end > o.high[partition]-disorder {
		o.counts[fmt.Sprintf("%d@%d", key, end)]++
	} else {
		o.late++
	}
	o.high[partition] = max(o.high[partition], at)
}

// feed writes n rows with disorder, some of it beyond what is allowed.
func (w *world) feed(o *oracle, rng *rand.Rand, clock *int64, n int) {
	for range n {
		p := rng.IntN(w.partitions)
		*clock += int64(rng.IntN(20))
		at := *clock - int64(p)*200 - int64(rng.IntN(disorder*2))
		if rng.IntN(20) == 0 {
			at -= 300
		}
		key := int64(rng.IntN(7))
		o.add(p, key, at)
		w.log.Append("in", int32(p), rawRow(key, at))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
