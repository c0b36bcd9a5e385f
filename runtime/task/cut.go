package task

// A savepoint cuts each task at one of its commits. A source is cut at the next one, and states it to all its channels with
// that commit; then it is held. A task behind an exchange is cut at the commit with which it has the cut on all its channels,
// and passes it on. So every row of before the cuts of the sources is in the state of some task, or in a committed output, and
// none of after them is.
//
// Where commits are no transactions a cut is stated once it is committed. What is stated before would be read even if the commit did
// not come: the task's next owner would be cut later, and rows in between would be behind the cut of those who have read it.

// Ask makes the task take the cut of a savepoint when it can, or, with 0, go on as before. A cut that it has taken already
// is not taken again; a source then is held.
func (t *Task) Ask(cut int64) error {
	if t.phase != running {
		return t.misused("asked for a cut")
	}
	if cut == t.asked {
		return nil
	}
	if t.cutTaken() {
		t.stateCut(0)
	}
	t.asked = cut
	if t.cutTaken() {
		t.stateCut(cut)
	}
	return t.lookAtBound()
}

// AwaitsCut says that the task is a source that is to be cut, and has not been yet. Whoever feeds it waits for that commit: what is not read by then may be
// what the plan can't process, and the savepoint is to be had without it.
func (t *Task) AwaitsCut() bool { return t.cfg.Source != nil && t.asked != 0 && !t.cutTaken() }

// Held says that the task takes no input: it is a source that has been cut.
func (t *Task) Held() bool { return t.cfg.Source != nil && t.cutTaken() }

// Wrote says what became of the task's share of a savepoint: the digest of what was written, or why it was not. The
// next commit tells it. It is ignored when the task's cut is another one, or has it already.
func (t *Task) Wrote(cut int64, part, failure string) {
	if c := t.committed.Cut; c.ID == cut && c.Part == "" && c.Failure == "" {
		c.Part, c.Failure = part, failure
		t.wrote = c
	}
}

// Cut returns what the task says of a savepoint, what the next commit will say included.
func (t *Task) Cut() Cut {
	if c := t.committed.Cut; t.wrote.ID != c.ID || c.ID == 0 {
		return c
	}
	return t.wrote
}

// Forget drops what the task says of a savepoint that is over; a later commit does so.
func (t *Task) Forget(cut int64) {
	if t.committed.Cut.ID == cut {
		t.committed.Cut, t.wrote = Cut{}, Cut{}
	}
}

// cutTaken says that the cut that is asked for has been committed.
func (t *Task) cutTaken() bool { return t.asked != 0 && t.committed.Cut.ID == t.asked }

// cutDue says that the next commit takes the cut. A task whose state is still that of another savepoint, in part, has none
// of its own to give, and one that is in the midst of emitting a window emits all of it first.
func (t *Task) cutDue() bool {
	if t.asked == 0 || t.committed.Cut.ID == t.asked || t.Importing() || t.Behind() {
		return false
	}
	x, ok := t.input.(*receiver)
	return !ok || x.channels.Passed(t.asked) || t.cfg.Plants.cutEarly() && x.channels.PassedAny(t.asked)
}

// stateCut says to whoever receives from the task that it has been cut, or, with 0, that it goes on.
func (t *Task) stateCut(cut int64) {
	for _, c := range t.chains {
		c.cut(cut)
	}
}

// nextCut is what the commit at hand says of a savepoint.
func (t *Task) nextCut(cutting bool) Cut {
	switch {
	case cutting:
		m := t.sealed
		return Cut{ID: t.asked, Seq: m.Seq, Offset: m.Offset, Watermark: m.Watermark, Idle: m.Idle}
	case t.wrote.ID != 0:
		return t.wrote
	default:
		return t.committed.Cut
	}
}
