package session

// Flush writes the keys whose sessions changed to the view.
func (s *Session) Flush() error {
	t := &s.table
	for _, newest := range t.dirty {
		tag := &t.Words[newest+tagWord]
		if *tag&tagDirty == 0 {
			continue // another is the key's newest, or none
		}
		s.key = s.appendKey(append(s.key[:0], recordSpace), newest)
		s.value = s.appendRecord(s.value[:0], newest, 0)
		if err := s.view.Put(s.key, s.value); err != nil {
			return err
		}
		*tag = *tag&^tagDirty | tagStored
	}
	t.dirty = t.dirty[:0]
	return nil
}
