package memory_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/statetest"
)

func TestSuite(t *testing.T) {
	statetest.Run(t, func(*testing.T) state.Backend { return memory.New() })
}

func TestManyKeysStayInOrder(t *testing.T) {
	b := memory.New()
	s, err := b.Open("s/0")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	model := statetest.Model{}
	for range 20 {
		var c state.Changes
		for range 2000 {
			k := binary.BigEndian.AppendUint16(nil, uint16(rng.IntN(1<<14)))
			if err := c.Put(k, k); err != nil {
				t.Fatal(err)
			}
			model[string(k)] = string(k)
		}
		lower := binary.BigEndian.AppendUint16(nil, uint16(rng.IntN(1<<14)))
		upper := binary.BigEndian.AppendUint16(nil, uint16(rng.IntN(1<<14)))
		if string(lower) < string(upper) {
			if err := c.DeleteRange(lower, upper); err != nil {
				t.Fatal(err)
			}
			model.DeleteRange(lower, upper)
		}
		if err := s.Apply(&c, state.Position{}); err != nil {
			t.Fatal(err)
		}
		got := []string{}
		if err := s.Scan(lower, nil, func(k, v []byte) error { got = append(got, string(k)+"="+string(v)); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, model.Scan(lower, nil)) {
			t.Fatalf("%d keys, want %d", len(got), len(model.Scan(lower, nil)))
		}
	}
}
