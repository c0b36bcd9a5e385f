package task

import (
	"encoding/binary"

	"github.com/millrace/millrace/runtime/fault"
)

// Laps says when a task rewrites its state at the head of its changelog, so that what lies before can be deleted without a
// copy of the state elsewhere. The zero value is never.
//
// A lap is a walk over all keys in order, a part of it with some of the commits. A part holds values as of its very
// commit and comes behind the commit's own changes, so the order of the log stays the truth:
//
//	log    … │ changes n, part 1 [a … f] │ changes n+1 │ changes n+2, part 2 [g … z] │ …
//	         └ begin                                                               └ complete
//
// Whatever happens to a key that was passed comes behind it in the log, and what happens to the others is met when the walk gets
// there. So the records from the lap's begin on make the state out of nothing, once the lap is complete.
type Laps struct {
	// LeastBytes begins a lap when the changelog grew by more than this and twice the state since the last one began; 0 is
	// never.
	LeastBytes int64
	// PartBytes is the least size of a part, and EveryBytes what the task's own changes come to before the next one is due.
	// A part has at least four times the bytes of what was changed since the last one, so that a lap comes to its end. 0 means
	// DefaultLapPartBytes and DefaultLapEveryBytes.
	PartBytes, EveryBytes int64
}

// Defaults for Laps.
const (
	DefaultLapPartBytes  = 1 << 20
	DefaultLapEveryBytes = 256 << 10

	// lapPace is the size of a part in changes since the last one: while a lap goes over the state, the log grows by a quarter
	// of it besides.
	lapPace = 4
	// lapStates is how many times the state the log may grow by before the next lap.
	lapStates = 2
	// recordOverhead is about what a commit adds to a changelog besides the changes.
	recordOverhead = 512
)

func (l Laps) filled() Laps {
	if l.PartBytes <= 0 {
		l.PartBytes = DefaultLapPartBytes
	}
	if l.EveryBytes <= 0 {
		l.EveryBytes = DefaultLapEveryBytes
	}
	return l
}

// lap is how far a task's rewriting has come, as of a commit. The zero value is a log that has just begun. Sizes are in bytes.
type lap struct {
	// grown is what the log grew by since the last complete lap began, and live the size of the state as that lap met it.
	grown, live int64
	// under says that a lap is under way: begin is the offset from which its records lie, cursor the next key, since what the log
	// grew by since, rewritten what the lap has gone over, and owed what the task changed since its last part.
	under                  bool
	begin                  int64
	cursor                 []byte
	since, rewritten, owed int64
}

// next takes in what a commit changes, and returns the size of the part that goes with it, 0 for none. at is the offset behind
// the commit before.
func (l *lap) next(when Laps, changed, at int64) (part int64) {
	changed += recordOverhead
	l.grown += changed
	due := false
	switch {
	case when.LeastBytes <= 0:
		l.stop()
		return 0
	case l.under:
		l.since += changed
		l.owed += changed
		due = l.owed >= when.EveryBytes
	case l.grown > when.LeastBytes+lapStates*l.live:
		l.stop()
		l.under, l.begin, l.since, l.owed, due = true, at, changed, changed, true
	}
	if !due {
		return 0
	}
	part = max(when.PartBytes, lapPace*l.owed)
	l.owed = 0
	return part
}

// passed takes in a part of some bytes; cursor, which is copied, is the next key, nil when the lap is over. Then the lap's begin is returned.
func (l *lap) passed(bytes int64, cursor []byte) (begin int64, complete bool) {
	l.grown += bytes
	l.since += bytes
	l.rewritten += bytes
	if cursor != nil {
		l.cursor = append([]byte{}, cursor...)
		return 0, false
	}
	begin = l.begin
	l.grown, l.live = l.since, l.rewritten
	l.stop()
	return begin, true
}

// stop forgets the lap that is under way.
func (l *lap) stop() {
	l.under, l.begin, l.cursor, l.since, l.rewritten, l.owed = false, 0, nil, 0, 0, 0
}

// append appends the encoding: uvarints of grown, live, 1 or 0 for a lap under way and, for that, of begin, since, rewritten, owed,
// and the cursor behind its length.
func (l *lap) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(l.grown)) //nolint:gosec // not negative
	dst = binary.AppendUvarint(dst, uint64(l.live))  //nolint:gosec // not negative
	if !l.under {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	for _, n := range []int64{l.begin, l.since, l.rewritten, l.owed, int64(len(l.cursor))} {
		dst = binary.AppendUvarint(dst, uint64(n)) //nolint:gosec // not negative
	}
	return append(dst, l.cursor...)
}

// take reads what append has written, and returns what follows.
func (l *lap) take(b []byte) (rest []byte, err error) {
	*l = lap{}
	damaged := fault.New(fault.Corrupt, fault.Place{}, "a changelog meta record holds a damaged lap")
	number := func(to *int64) bool {
		n, k := binary.Uvarint(b)
		if k <= 0 || int64(n) < 0 { //nolint:gosec // that is the question
			return false
		}
		*to, b = int64(n), b[k:] //nolint:gosec // not negative
		return true
	}
	var under, length int64
	if !number(&l.grown) || !number(&l.live) || !number(&under) || under > 1 {
		return nil, damaged
	}
	if l.under = under == 1; !l.under {
		return b, nil
	}
	if !number(&l.begin) || !number(&l.since) || !number(&l.rewritten) || !number(&l.owed) || !number(&length) || length > int64(len(b)) {
		return nil, damaged
	}
	l.cursor = append([]byte{}, b[:length]...)
	return b[length:], nil
}
