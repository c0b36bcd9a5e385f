package worker

import (
	"slices"

	"github.com/millrace/millrace/runtime/control"
)

// restoring shows on the board how far the restoring of a task is, or the warming up for it. It is a snapshot.Progress. It is safe for
// concurrent use, as the board is.
type restoring struct {
	board *board
	task  string
	warms bool // up for the task, which is another worker's
}

func (r restoring) change(do func(now *control.Restore, ever *control.Restored)) {
	if r.warms {
		r.warmUp(func(now *control.WarmUp, s *control.Status) { do(&now.Restore, &s.Restored) })
		return
	}
	r.board.change(func(s *control.Status) {
		i := slices.IndexFunc(s.Restores, func(x control.Restore) bool { return x.Task == r.task })
		if i < 0 {
			s.Restores = append(s.Restores, control.Restore{Task: r.task})
			i = len(s.Restores) - 1
		}
		do(&s.Restores[i], &s.Restored)
	})
}

func (r restoring) warmUp(do func(now *control.WarmUp, s *control.Status)) {
	r.board.change(func(s *control.Status) {
		i := slices.IndexFunc(s.WarmUps, func(x control.WarmUp) bool { return x.Task == r.task })
		if i < 0 {
			s.WarmUps = append(s.WarmUps, control.WarmUp{Restore: control.Restore{Task: r.task}})
			i = len(s.WarmUps) - 1
		}
		do(&s.WarmUps[i], s)
	})
}

// Begin says what a snapshot holds, and that nothing of it was read.
func (r restoring) Begin(bytes, keys int64) {
	r.change(func(now *control.Restore, _ *control.Restored) {
		now.Snapshot = control.Amount{BytesTotal: bytes, RowsTotal: keys}
	})
}

// Add says that a part of the snapshot was read.
func (r restoring) Add(bytes, keys int64) {
	r.change(func(now *control.Restore, ever *control.Restored) {
		now.Snapshot.Bytes += bytes
		now.Snapshot.Rows += keys
		ever.Bytes += bytes
		ever.Rows += keys
	})
}

// refused counts a snapshot that was passed over.
func (r restoring) refused() {
	r.change(func(_ *control.Restore, ever *control.Restored) { ever.Refused++ })
}

// replay says how many offsets of the changelog there are to read.
func (r restoring) replay(offsets int64) {
	r.change(func(now *control.Restore, _ *control.Restored) { now.Changelog = control.Amount{RowsTotal: offsets} })
}

// total says that there are more offsets to read by now.
func (r restoring) total(offsets int64) {
	r.change(func(now *control.Restore, _ *control.Restored) {
		now.Changelog.RowsTotal = max(offsets, now.Changelog.Rows)
	})
}

// replayed says that a changelog record was read, and where that leaves us.
func (r restoring) replayed(bytes, offsets int64) {
	r.change(func(now *control.Restore, ever *control.Restored) {
		now.Changelog.Bytes += bytes
		now.Changelog.Rows = offsets
		ever.Bytes += bytes
		ever.Records++
	})
}

// end takes the task from the board.
func (r restoring) end() {
	r.board.change(func(s *control.Status) {
		if r.warms {
			s.WarmUps = slices.DeleteFunc(slices.Clone(s.WarmUps), func(x control.WarmUp) bool { return x.Task == r.task })
			return
		}
		s.Restores = slices.DeleteFunc(slices.Clone(s.Restores), func(x control.Restore) bool { return x.Task == r.task })
	})
}
