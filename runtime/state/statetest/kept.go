package statetest

import (
	"maps"
	"testing"

	"github.com/millrace/millrace/runtime/state"
)

// keptIsWhatIsClosed looks at what a backend says that it keeps.
func keptIsWhatIsClosed(t *testing.T, b state.Backend) {
	t.Helper()
	keeper, ok := b.(state.Keeper)
	if !ok {
		t.Skip("it keeps nothing here")
	}
	kept := func(want map[string]int64) {
		t.Helper()
		found, err := keeper.Kept()
		must(t, err)
		got := map[string]int64{}
		for task, at := range found {
			got[task] = at.Offset
		}
		if !maps.Equal(got, want) {
			t.Errorf("%v is kept, want %v", got, want)
		}
	}
	kept(map[string]int64{})
	var stores []state.Store
	for n, task := range []string{"s/1", "s/2", "t/1"} {
		s, err := b.Open(task)
		must(t, err)
		if n < 2 {
			must(t, s.Apply(&state.Changes{}, state.Position{Offset: int64(10 + n), Commit: 1, Meta: []byte("m")}))
		}
		stores = append(stores, s)
	}
	kept(map[string]int64{})
	for _, s := range stores {
		must(t, s.Close())
	}
	kept(map[string]int64{"s/1": 10, "s/2": 11})
	s, err := b.Open("s/1")
	must(t, err)
	kept(map[string]int64{"s/2": 11})
	must(t, b.Drop("s/2"))
	kept(map[string]int64{})
	closeAll(t, b, s)
}
