package statetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/state"
)

// prefixesAreFound puts keys of several lengths and expects the beginnings that they have, with and without buckets.
func prefixesAreFound(t *testing.T, open func(t *testing.T) state.Backend) {
	t.Helper()
	for _, bucketed := range []bool{false, true} {
		b := open(t)
		s, err := b.Open("stage/0")
		must(t, err)
		view := state.NewView(s, []byte("op\x00"))
		if bucketed {
			must(t, view.Bucket(nil, 2))
		}
		others := state.NewView(s, []byte("oq\x00"))
		must(t, others.Put([]byte("zz1"), nil))
		for _, key := range []string{"", "a", "aa", "aa1", "aa2", "ab\xff\xff", "b\xff", "b\xff3", "\xff\xff1", "\xff\xff2"} {
			must(t, view.Put([]byte(key), []byte("value of "+key)))
		}
		commitAt(t, view, 1)
		commitAt(t, others, 2)
		must(t, view.Put([]byte("cc1"), nil)) // is not committed
		var found []string
		must(t, state.Prefixes(s, []byte("op\x00"), 2, func(p []byte) error {
			found = append(found, string(p))
			key := string(p) + "1" // a Get is allowed meanwhile
			value, ok, err := s.Get([]byte(key))
			if want := "value of " + strings.TrimPrefix(key, "op\x00"); ok && string(value) != want {
				t.Errorf("%q is %q", key, value)
			}
			return err
		}))
		want := []string{"op\x00aa", "op\x00ab", "op\x00b\xff", "op\x00\xff\xff"}
		if !slices.Equal(found, want) {
			t.Errorf("bucketed %v: %q, want %q", bucketed, found, want)
		}
		n, enough := 0, errors.New("enough")
		err = state.Prefixes(s, []byte("op\x00"), 2, func([]byte) error { n++; return enough })
		if n != 1 || !errors.Is(err, enough) {
			t.Errorf("bucketed %v: %d visits, %v", bucketed, n, err)
		}
		closeAll(t, b, s)
	}
}

func commitAt(t *testing.T, v *state.View, commit int64) {
	t.Helper()
	_, err := v.Seal()
	must(t, err)
	must(t, v.Commit(state.Position{Offset: commit, Commit: commit}))
}
