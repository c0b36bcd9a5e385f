package accumulator

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
	}
}
