package worker

import (
	"testing"
	"time"
)

func TestTheEndThatAFetchSawIsOldOnceItsRowsHaveTakenLong(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for name, c := range map[string]struct {
		took time.Duration
		want bool
	}{
		"cheap rows":         {50 * time.Millisecond, false},
		"just before it":     {endsOld - 1, false},
		"rows that cost":     {endsOld, true},
		"or waited in a row": {time.Minute, true},
	} {
		if got := outlived(at, at.Add(c.took)); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
