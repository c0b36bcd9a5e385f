package remote_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
	"github.com/millrace/millrace/runtime/state/statetest"
)

// scanOf counts the scans of a model.
func scanOf(m statetest.Model, scans *int) remote.Scan {
	return func(lower, upper []byte, limit int, visit func(key, value []byte)) error {
		*scans++
		for _, row := range m.Scan(lower, upper)[:min(limit, len(m.Scan(lower, upper)))] {
			visit([]byte(row[:6]), []byte(row[7:]))
		}
		return nil
	}
}

// TestLookUpsOfAWindowTakeFewScans asks for all groups of a window in any order.
func TestLookUpsOfAWindowTakeFewScans(t *testing.T) {
	const groups = 5000
	m := statetest.Model{"zz0000": "beside"}
	for i := range groups {
		m[fmt.Sprintf("w1%04d", i)] = "x"
	}
	var a remote.Ahead
	a.Bucket(nil, 2)
	scans := 0
	rng := rand.New(rand.NewPCG(1, 2))
	for _, i := range rng.Perm(2 * groups) {
		key := fmt.Sprintf("w1%04d", i)
		value, found, known, err := a.Get([]byte(key), scanOf(m, &scans))
		if _, want := m[key]; err != nil || !known || found != want || found && string(value) != "x" {
			t.Fatalf("%s: %q %v %v %v", key, value, found, known, err)
		}
	}
	if scans > groups/20 {
		t.Errorf("%d scans for %d groups", scans, groups)
	}
	if _, _, known, err := a.Get([]byte("z"), scanOf(m, &scans)); known || err != nil {
		t.Errorf("a key of no bucket: %v %v", known, err)
	}
}

// TestWhatIsRememberedFollowsChanges looks random keys up while they change.
func TestWhatIsRememberedFollowsChanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	m := statetest.Model{}
	var a remote.Ahead
	a.Bucket([]byte("w"), 1)
	scans, remembered := 0, 0
	key := func() string { return fmt.Sprintf("w%d%04d", rng.IntN(3), rng.IntN(2000)) }
	for range 20_000 {
		switch rng.IntN(40) {
		case 0:
			var c state.Changes
			for range rng.IntN(20) {
				k := key()
				if rng.IntN(3) == 0 {
					_ = c.Delete([]byte(k))
					delete(m, k)
				} else {
					v := strconv.Itoa(rng.IntN(100))
					_ = c.Put([]byte(k), []byte(v))
					m[k] = v
				}
			}
			if rng.IntN(30) == 0 {
				_ = c.DeleteRange([]byte("w1"), []byte("w2"))
				m.DeleteRange([]byte("w1"), []byte("w2"))
			}
			a.Apply(&c)
		default:
			k := key()
			value, found, known, err := a.Get([]byte(k), scanOf(m, &scans))
			if err != nil {
				t.Fatal(err)
			}
			if !known {
				continue
			}
			remembered++
			if want, there := m[k]; there != found || found && want != string(value) {
				t.Fatalf("%s: %q %v, want %q %v", k, value, found, want, there)
			}
		}
	}
	if remembered < 10_000 || scans > 2000 {
		t.Errorf("%d look-ups answered, by %d scans", remembered, scans)
	}
}
