package worker

// divide counts the tasks among which the memory for tables is divided. The caller has the turn.
func (s *session) divide() {
	s.stateful = 0
	for _, t := range s.tasks {
		if t.store != nil {
			s.stateful++
		}
	}
}

// tableBytes is what the tables of one task may take at present; 0 is what an operator takes by itself. Tasks have equal parts: rows
// are dealt to them by a hash of their keys. The caller has the turn.
func (s *session) tableBytes() int {
	return int(s.cfg.TableBytes / int64(max(1, s.stateful)))
}
