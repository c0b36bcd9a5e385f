package memory_test

import (
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
)

func TestACopyIsBounded(t *testing.T) {
	s, err := memory.New().Open("s/0")
	check(t, err)
	var c state.Changes
	check(t, c.Put([]byte("key"), []byte("value")))
	check(t, s.Apply(&c, state.Position{}))
	if f, err := s.(state.Freezer).Freeze(8); err != nil {
		t.Errorf("8 bytes: %v", err)
	} else {
		check(t, f.Close())
	}
	if _, err := s.(state.Freezer).Freeze(7); fault.KindOf(err) != fault.User {
		t.Errorf("8 bytes into 7: %v", err)
	}
}
