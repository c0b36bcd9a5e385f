package task

import (
	"math"
	"strconv"
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// Task is one stage on one partition. runtime/build makes it. One goroutine uses it.
type Task struct {
	cfg    Config
	input  input
	chains []*chain
	tally  *Tally

	phase phase
	view  *state.View // nil without state

	committed         Meta
	committedChannels watermark.Channels
	sealed            Meta
	sealedRecord      []byte // the meta record's body

	// Of a task with state: its store, the offset behind its last commit in the changelog, and its rewriting.
	store                   state.Store
	logged                  int64
	committedLap, sealedLap lap
	part                    state.Changes // scratch

	// The open version.
	next     int64
	dirty    bool // something was processed since the last commit
	told     types.Watermark
	toldIdle bool

	shed     int64 // offsets that were left out since the last commit
	asked    int64 // the cut that is to be taken, or was; 0 is none
	wrote    Cut   // what is to be said of the cut with the next commit; the zero value is nothing
	imported bool  // the import is whole, and the next commit says so

	bound   int64 // the end offset of a bounded input; MaxInt64 when it has none
	atBound bool
}

// New returns a task that is not open yet.
func New(cfg Config) (*Task, error) {
	cfg.Laps = cfg.Laps.filled()
	t := &Task{cfg: cfg, tally: cfg.Tally, bound: math.MaxInt64}
	switch {
	case cfg.Source != nil:
		t.input = newSource(*cfg.Source)
	case len(cfg.Exchange) > 0 && cfg.Changelog != "":
		t.input = newReceiver(cfg.Exchange)
	default:
		return nil, fault.New(fault.Bug, fault.Place{}, "stage %s has no input, or reads an exchange without a changelog for its watermarks", cfg.Stage)
	}
	t.tally.place = fault.InRecord(cfg.Topic, cfg.Partition, 0)
	for _, b := range cfg.Branches {
		t.chains = append(t.chains, newChain(b, cfg.Tally))
	}
	return t, nil
}

// ID returns "<stage>/<partition>", the name of the task's store.
func (t *Task) ID() string { return t.cfg.Stage + "/" + strconv.Itoa(int(t.cfg.Partition)) }

// Open begins the task's life in this worker: at the metadata of its committed offset, or at Meta{Offset: start} when
// it has never committed. store is nil for a task without state; else it holds everything that the changelog does (see
// Replay), and Open compares the two and refuses with a Corrupt error where they differ. The ownership epoch in Meta is
// one higher afterwards.
func (t *Task) Open(store state.Store, committed Meta) error {
	if t.phase != fresh {
		return t.misused("opened twice")
	}
	if (store != nil) != (t.cfg.Changelog != "") {
		return t.misused("opened with a store and no changelog, or the other way round")
	}
	if store != nil {
		var logged Meta
		if body := store.Position().Meta; len(body) > 0 {
			var err error
			if logged, t.committedLap, t.committedChannels, err = decodeMetaRecord(body); err != nil {
				return err
			}
		}
		if err := CheckRestore(committed, logged); err != nil {
			return err
		}
		t.view, t.store, t.logged = state.NewView(store, nil), store, store.Position().Offset
	}
	t.committed = committed
	t.committed.JobEpoch = t.cfg.JobEpoch
	t.committed.Owner++
	t.own()
	for _, c := range t.chains {
		if err := c.open(t.view); err != nil {
			return err
		}
	}
	t.phase = running
	return t.restore()
}

// Process takes records of the task's input in offset order, any number, and runs them to the outputs. Records at or
// beyond the end of a bounded input are left out. After an error only Rollback and Close may be called.
func (t *Task) Process(records []Record) error {
	if t.phase != running {
		return t.misused("given records")
	}
	if t.Held() || t.Importing() {
		return t.misused("given records while it is held")
	}
	next := t.next
	for i := range records {
		r := &records[i]
		if r.Offset < next {
			return t.misused("given offset " + strconv.FormatInt(r.Offset, 10) + " again")
		}
		if r.Offset >= t.bound {
			records = records[:i]
			next = t.bound
			break
		}
		next = r.Offset + 1
	}
	if len(records) > 0 {
		t.dirty = true
		t.tally.open.RecordsIn += int64(len(records))
		if err := t.input.process(t, records); err != nil {
			return t.broken(err)
		}
	}
	t.next = next
	return t.lookAtBound()
}

// SetPosition says that everything before next was consumed, although no record shows it: markers and compacted
// offsets. It does not make the task Pending, except where it reaches the end of a bounded input.
func (t *Task) SetPosition(next int64) error {
	if t.phase != running {
		return t.misused("moved")
	}
	t.next = max(t.next, min(next, t.bound))
	return t.lookAtBound()
}

// Skip leaves out what lies before an offset of a source's input. The next commit counts it: whoever opens the task there
// goes on behind it, and one that goes back to the commit before has left nothing out. The watermark stays where it is.
func (t *Task) Skip(to int64) error {
	if t.phase != running || t.cfg.Source == nil || t.Held() || t.Importing() {
		return t.misused("told to leave records out")
	}
	if to = min(to, t.bound); to <= t.next {
		return nil
	}
	t.shed += to - t.next
	t.next, t.dirty = to, true
	return t.lookAtBound()
}

// SetEnd bounds a source's input: the task is at the end of its input when its position reaches offset. A task behind
// an exchange ends by the watermark that its channels state.
func (t *Task) SetEnd(offset int64) error {
	if t.phase != running || t.cfg.Source == nil {
		return t.misused("given an end")
	}
	t.bound = offset
	return t.lookAtBound()
}

// IdleDue says that Tick would make the input idle if it is caught up. Ask where the partition ends before: silence may
// be the broker's.
func (t *Task) IdleDue(now time.Time) bool {
	s, ok := t.input.(*source)
	return ok && t.phase == running && s.watermark.IdleDue(now)
}

// Tick looks at the clock: idle partitions and watermark statements that are due. caughtUp says that everything the
// partition is known to hold was processed: a partition with a backlog is never idle.
func (t *Task) Tick(now time.Time, caughtUp bool) error {
	if t.phase != running {
		return t.misused("ticked")
	}
	for _, c := range t.chains {
		if s, ok := c.output.(stater); ok {
			s.Tick(now)
		}
	}
	if !t.Held() && t.input.tick(now, caughtUp) {
		t.dirty = true
		if err := t.advance(); err != nil {
			return t.broken(err)
		}
	}
	if err := t.catchUp(); err != nil {
		return t.broken(err)
	}
	return t.lookAtBound()
}

// Pending says whether a commit with this task would do something. Tasks that are not pending take part in a commit
// by their last Meta, unsealed.
func (t *Task) Pending() bool {
	if t.dirty || t.Behind() || t.cutDue() || t.wrote.ID != 0 {
		return true
	}
	for _, c := range t.chains {
		if s, ok := c.output.(stater); ok && s.Pending() {
			return true
		}
	}
	return false
}

// Seal flushes operators and outputs, and emits the changelog. Exactly one of Committed and Rollback follows.
func (t *Task) Seal() (Sealed, error) {
	if t.phase != running {
		return Sealed{}, t.misused("sealed")
	}
	cutting := t.cutDue()
	for _, c := range t.chains {
		if err := c.flush(); err != nil {
			return Sealed{}, t.broken(err)
		}
		if cutting && !t.cfg.Untransacted { // else it is read though this commit may not come
			c.cut(t.asked)
		}
		if err := c.output.Seal(); err != nil {
			return Sealed{}, t.broken(err)
		}
	}
	w, idle := t.input.mark()
	t.sealed = Meta{
		JobEpoch: t.cfg.JobEpoch, Owner: t.committed.Owner, Worker: t.cfg.Worker, Seq: t.committed.Seq + 1, Offset: t.next, Watermark: w, Idle: idle,
		Restored: t.committed.Restored, Shed: t.committed.Shed + t.shed,
	}
	t.sealed.Cut = t.nextCut(cutting)
	if t.cfg.Changelog == "" || t.imported {
		t.sealed.Restored = ""
	}
	n, err := t.writeChangelog()
	if err != nil {
		return Sealed{}, t.broken(err)
	}
	t.phase = sealing
	return Sealed{Meta: t.sealed, ChangelogRecords: n, Watermark: w}, nil
}

// Committed says that the transaction of the last Seal was applied. changelogOffset is the offset after the task's
// last changelog record; it is ignored by a task without state.
func (t *Task) Committed(changelogOffset int64) error {
	if t.phase != sealing {
		return t.misused("told of a commit")
	}
	if t.view != nil {
		at := state.Position{Offset: changelogOffset, Commit: t.sealed.Seq, Meta: t.sealedRecord}
		if err := t.view.Commit(at); err != nil {
			return t.broken(err)
		}
		t.committedLap, t.logged = t.sealedLap, changelogOffset
	}
	if x, ok := t.input.(*receiver); ok {
		t.committedChannels.CopyFrom(&x.channels)
	}
	t.committed, t.dirty, t.phase, t.wrote, t.shed = t.sealed, false, running, Cut{}, 0
	t.tally.commit()
	if t.cutTaken() {
		t.stateCut(t.asked)
	}
	if t.imported {
		return t.takeOver()
	}
	return nil
}

// Rollback drops everything since the last commit; the worker seeks to Meta().Offset before the next Process.
func (t *Task) Rollback() error {
	if t.phase == fresh || t.phase == closed {
		return t.misused("rolled back")
	}
	if t.view != nil {
		t.view.Rollback()
	}
	for _, c := range t.chains {
		if err := c.reset(); err != nil {
			return t.broken(err)
		}
	}
	t.tally.rollback()
	t.phase = running
	return t.restore()
}

// Close ends the task in this worker; it writes nothing. The store stays open, it is the caller's.
func (t *Task) Close() {
	if t.phase == fresh || t.phase == closed {
		return
	}
	for _, c := range t.chains {
		c.output.Close()
	}
	t.phase = closed
}

// restore sets the open version to the committed one.
func (t *Task) restore() error {
	t.next, t.dirty, t.atBound, t.imported, t.shed = t.committed.Offset, false, false, false, 0
	committed := t.cfg.Plants.restored(t.committed)
	t.input.restore(committed, &t.committedChannels)
	t.told, t.toldIdle = t.input.mark()
	if committed.Seq > 0 && t.told != committed.Watermark {
		return fault.New(fault.Corrupt, fault.Place{}, "task %s was committed at watermark %d and is restored at %d", t.ID(), committed.Watermark, t.told)
	}
	for _, c := range t.chains {
		if err := c.restore(t.told, t.toldIdle); err != nil {
			return t.broken(err)
		}
		if t.cutTaken() {
			c.cut(t.asked)
		}
	}
	return nil
}

func (t *Task) push(b *batch.Batch) error {
	for _, c := range t.chains {
		if err := c.push(b); err != nil {
			return err
		}
	}
	return nil
}

// advance tells the branches where the watermark is.
func (t *Task) advance() error {
	w, idle := t.input.mark()
	if w == t.told && idle == t.toldIdle {
		return nil
	}
	if w < t.told {
		return t.misused("moved back in event time")
	}
	t.told, t.toldIdle = w, idle
	for _, c := range t.chains {
		if err := c.advance(w, idle); err != nil {
			return err
		}
	}
	return nil
}

// Behind says that rows are left to emit that the watermark causes; Tick emits some of them.
func (t *Task) Behind() bool {
	for _, c := range t.chains {
		if c.behind {
			return true
		}
	}
	return false
}

// catchUp lets the branches that are behind emit some more.
func (t *Task) catchUp() error {
	if t.Held() || t.Importing() {
		return nil
	}
	for _, c := range t.chains {
		if !c.behind {
			continue
		}
		t.dirty = true
		if err := c.proceed(t.told, t.toldIdle); err != nil {
			return err
		}
	}
	return nil
}

// lookAtBound ends the input once its end is reached.
func (t *Task) lookAtBound() error {
	if t.Held() || t.atBound || t.next < t.bound || !t.input.end() {
		return nil
	}
	t.atBound = true
	if w, _ := t.input.mark(); w == t.told {
		return nil // restored there
	}
	t.dirty = true
	if err := t.advance(); err != nil {
		return t.broken(err)
	}
	return nil
}

// Meta returns the last commit, with the present owner; Offset is where to seek to after Open and Rollback.
func (t *Task) Meta() Meta { return t.committed }

// Position returns the next input offset, uncommitted progress included.
func (t *Task) Position() int64 { return t.next }

// Finished says that the input is bounded and was processed to its end; it is done for good once that is committed.
func (t *Task) Finished() bool { return t.phase != fresh && t.Watermark() == types.EndOfInput }

// Watermark returns the task's own watermark.
func (t *Task) Watermark() types.Watermark {
	w, _ := t.input.mark()
	return w
}

// StateBytes returns the memory that changes of the state take until they are committed.
func (t *Task) StateBytes() int {
	if t.view == nil {
		return 0
	}
	return t.view.Bytes()
}

// Progress returns what was done since Open.
func (t *Task) Progress() Progress { return t.tally.committed.Plus(t.tally.open) }
