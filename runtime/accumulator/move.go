package accumulator

// Unbound forgets the memory's bounds; Rebound then widens them by one entry after the other. An owner whose entries
// come and go does so once in a while, because the bounds know only what came.
func (m *Memory) Unbound() { m.intBound, m.floatBound = 0, 0 }

// Rebound widens the memory's bounds by the SUMs of an entry.
func (s *Set) Rebound(m *Memory, at uint32) {
	for i := range s.steps {
		st := &s.steps[i]
		m.boundStored(st.op, m.Words[int(at)+st.offset:])
	}
}

// Move copies the accumulators of an entry to one of another memory, with the byte strings that they keep.
func (s *Set) Move(to *Memory, into uint32, from *Memory, at uint32) {
	for i := range s.steps {
		st := &s.steps[i]
		n := st.op.words()
		w := to.Words[int(into)+st.offset:]
		copy(w[:n], from.Words[int(at)+st.offset:])
		if (st.op == opMinBytes || st.op == opMaxBytes) && w[0] != 0 {
			w[1] = to.Keep(from.Text(w[1]))
		}
		to.boundStored(st.op, w)
	}
}
