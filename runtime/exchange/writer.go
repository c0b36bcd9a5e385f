package exchange

import (
	"slices"
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// statementInterval bounds how often watermarks are stated to partitions that get no rows.
const statementInterval = 200 * time.Millisecond

// Writer collects the rows of a worker's tasks for each partition of an exchange, and states their watermarks. The
// tasks write through lanes. One goroutine uses it and its lanes.
//
// Statements: version counts the changes of marks, urgent is the version of the last change that somebody may be
// waiting for (a window boundary crossed, idle or not, a cut, the end). A partition whose last record is older than urgent gets
// one with the next flush, with rows or without; the others when time is due.
type Writer struct {
	cfg         Config
	emit        Emit
	partitioner *Partitioner
	encoder     encoder

	targets  []target
	pending  int // bytes over all targets
	lanes    []*Lane
	channels int

	version, urgent, stated uint64
	due                     bool
	now, statedAt           time.Time

	touched []int32
	marks   []watermark.Mark

	records, bytes int64 // written so far
}

// target is the buffer of one partition.
type target struct {
	rows  batch.Batch
	bytes int
	// sent is the version of the marks in the last record to this partition.
	sent uint64
	// chosen are the rows of the batch at hand that belong here.
	chosen []int32
}

// NewWriter returns a writer without lanes.
func NewWriter(cfg Config, emit Emit) (*Writer, error) {
	if cfg.Partitions < 1 {
		return nil, fault.New(fault.Bug, fault.Place{}, "exchange %s has %d partitions", cfg.Topic, cfg.Partitions)
	}
	for _, k := range cfg.Kinds {
		if wireKind(k) == 0 {
			return nil, fault.New(fault.Bug, fault.Place{}, "exchange %s has a column of type %s", cfg.Topic, k)
		}
	}
	for _, k := range cfg.Keys {
		if k < 0 || k >= len(cfg.Kinds) {
			return nil, fault.New(fault.Bug, fault.Place{}, "exchange %s has no key column %d", cfg.Topic, k)
		}
	}
	if cfg.RecordBytes == 0 {
		cfg.RecordBytes = DefaultRecordBytes
	}
	if cfg.TotalBytes == 0 {
		cfg.TotalBytes = DefaultTotalBytes
	}
	w := &Writer{
		cfg: cfg, emit: emit, encoder: newEncoder(cfg.Kinds),
		partitioner: NewPartitioner(cfg.Keys, cfg.Partitions), targets: make([]target, cfg.Partitions),
	}
	for i := range w.targets {
		w.targets[i].rows.Reset(cfg.Kinds)
	}
	return w, nil
}

// Lane returns the lane of an upstream task, closed: Restore opens it. channels is the number of upstream tasks there
// are; the highest that any lane was made with counts.
func (w *Writer) Lane(channel int32, channels int, bad BadRows) (*Lane, error) {
	if channel < 0 || int(channel) >= channels || channels > maxChannels {
		return nil, fault.New(fault.Bug, fault.Place{}, "exchange %s has no channel %d of %d", w.cfg.Topic, channel, channels)
	}
	if channels > w.channels {
		w.channels = channels
		w.version++
	}
	return &Lane{writer: w, bad: bad, mark: watermark.Mark{Channel: channel, Watermark: types.NoWatermark}}, nil
}

// Pending says whether Flush would state something although no row has come.
func (w *Writer) Pending() bool { return w.due || w.urgent > w.stated }

// Tick looks at the clock.
func (w *Writer) Tick(now time.Time) {
	w.now = now
	w.due = w.due || w.version > w.stated && now.Sub(w.statedAt) >= statementInterval
}

// Flush writes all rows, and the statements that are due.
func (w *Writer) Flush() error {
	for p := range w.targets {
		t := &w.targets[p]
		if t.rows.Length == 0 && t.sent >= w.urgent && (!w.due || t.sent >= w.version) {
			continue
		}
		if err := w.write(int32(p)); err != nil {
			return err
		}
	}
	w.stated = max(w.stated, w.urgent)
	if w.due {
		w.due, w.stated, w.statedAt = false, w.version, w.now
	}
	return nil
}

// rollback drops all rows and forgets what was stated: the records of the open transaction will not be read.
func (w *Writer) rollback() {
	for i := range w.targets {
		t := &w.targets[i]
		t.rows.Reset(w.cfg.Kinds)
		t.bytes, t.sent, t.chosen = 0, 0, t.chosen[:0]
	}
	w.pending, w.touched = 0, w.touched[:0]
	w.version++
	w.urgent = w.version
}

// push sorts the selected rows of b by partition and adds them to the buffers.
func (w *Writer) push(b *batch.Batch, bad BadRows) error {
	n := b.Selected()
	for i := range n {
		row := i
		if b.Selection != nil {
			row = int(b.Selection[i])
		}
		if len(w.encoder.varied) > 0 {
			if size := w.encoder.rowBytes(b, row); size > MaxRowBytes {
				cause := fault.New(fault.Data, fault.Place{}, "a row of %d bytes is larger than the %d that an exchange moves", size, MaxRowBytes)
				if err := bad.Bad(b, row, cause); err != nil {
					return err
				}
				continue
			}
		}
		p := w.partitioner.Partition(b, row)
		t := &w.targets[p]
		if len(t.chosen) == 0 {
			w.touched = append(w.touched, p)
		}
		t.chosen = append(t.chosen, int32(row))
	}
	for _, p := range w.touched {
		if err := w.add(b, p); err != nil {
			return err
		}
	}
	w.touched = w.touched[:0]
	if w.pending <= w.cfg.TotalBytes {
		return nil
	}
	for p := range w.targets {
		if w.targets[p].rows.Length > 0 {
			if err := w.write(int32(p)); err != nil {
				return err
			}
		}
	}
	return nil
}

// add moves the chosen rows into the partition's buffer, writing records as it fills.
func (w *Writer) add(b *batch.Batch, p int32) error {
	t := &w.targets[p]
	for rows := t.chosen; len(rows) > 0; {
		n, size := w.fit(b, rows, t)
		if n == 0 {
			if err := w.write(p); err != nil {
				return err
			}
			continue
		}
		for c := range t.rows.Columns {
			t.rows.Columns[c].AppendSelected(&b.Columns[c], rows[:n], 0)
		}
		t.rows.Length += n
		t.bytes += size
		w.pending += size
		rows = rows[n:]
	}
	t.chosen = t.chosen[:0]
	return nil
}

// fit returns how many of the rows still fit into the partition's record, and their bytes. Into an empty one at least
// one row fits.
func (w *Writer) fit(b *batch.Batch, rows []int32, t *target) (n, size int) {
	for n < len(rows) && t.rows.Length+n < MaxRows {
		more := w.encoder.rowBytes(b, int(rows[n]))
		if t.bytes+size+more > w.cfg.RecordBytes && t.rows.Length+n > 0 {
			break
		}
		n, size = n+1, size+more
	}
	return n, size
}

// write emits one record with all rows of the partition's buffer, and the marks of this moment: see the package's doc
// for why the two belong together.
func (w *Writer) write(p int32) error {
	t := &w.targets[p]
	w.marks = w.marks[:0]
	for _, l := range w.lanes {
		w.marks = append(w.marks, l.mark)
	}
	h := Header{JobEpoch: w.cfg.JobEpoch, Channels: w.channels, Marks: w.marks, Rows: t.rows.Length}
	value := w.encoder.append(w.emit.Tail(w.cfg.Topic, p, w.encoder.bound(len(h.Marks), t.bytes)), h, &t.rows)
	w.pending -= t.bytes
	t.rows.Reset(w.cfg.Kinds)
	t.bytes, t.sent = 0, w.version
	w.records, w.bytes = w.records+1, w.bytes+int64(len(value))
	return w.emit.Emit(w.cfg.Topic, p, nil, value)
}

// RecordBytes is the mean size of the records written so far, before they are compressed; 0 before the first.
func (w *Writer) RecordBytes() int64 { return w.bytes / max(1, w.records) }

// changed takes in that a lane's mark moved.
func (w *Writer) changed(from, to watermark.Mark) {
	w.version++
	if from.Idle != to.Idle || to.Cut != from.Cut && to.Cut != 0 || to.Watermark == types.EndOfInput || w.cell(from.Watermark) != w.cell(to.Watermark) {
		w.urgent = w.version
	}
}

// cell numbers the stretches between window boundaries; NoWatermark is in none of them.
func (w *Writer) cell(at types.Watermark) int64 {
	size := w.cfg.BoundaryMicros
	switch {
	case at == types.NoWatermark:
		return int64(at)
	case size <= 0:
		return 0
	}
	t := int64(at)
	floor := t / size
	if t%size < 0 {
		floor--
	}
	if rest := t - floor*size; rest < w.cfg.BoundaryOffsetMicros {
		floor--
	}
	return floor
}

// join adds the lane, in the order of channels, and says whether it was there already.
func (w *Writer) join(l *Lane) bool {
	at, found := slices.BinarySearchFunc(w.lanes, l, func(a, b *Lane) int { return int(a.mark.Channel) - int(b.mark.Channel) })
	if !found {
		w.lanes = slices.Insert(w.lanes, at, l)
		return false
	}
	same := w.lanes[at] == l
	w.lanes[at] = l
	return same
}

func (w *Writer) leave(l *Lane) {
	w.lanes = slices.DeleteFunc(w.lanes, func(x *Lane) bool { return x == l })
}
