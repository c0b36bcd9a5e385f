package memory_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/statetest"
)

func TestSuite(t *testing.T) {
	statetest.Run(t, func(*testing.T) state.Backend { return memory.New() })
}

func TestManyKeysStayInOrder(t *testing.T) {
	for name, width := range map[string]int{"one table": -1, "one bucket": 0, "256 buckets": 1} {
		t.Run(name, func(t *testing.T) { manyKeys(t, width) })
	}
}

func manyKeys(t *testing.T, width int) {
	t.Helper()
	b := memory.New()
	s, err := b.Open("s/0")
	if err != nil {
		t.Fatal(err)
	}
	if width >= 0 {
		if err := s.(state.Bucketed).Bucket(nil, width); err != nil {
			t.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	model := statetest.Model{}
	for range 20 {
		var c state.Changes
		for range 4000 {
			k := binary.BigEndian.AppendUint16(nil, uint16(rng.IntN(1<<14)))
			if rng.IntN(4) == 0 {
				check(t, c.Delete(k))
				delete(model, string(k))
				continue
			}
			v := bytes.Repeat([]byte{'v'}, rng.IntN(200))
			check(t, c.Put(k, v))
			model[string(k)] = string(v)
		}
		lower := binary.BigEndian.AppendUint16(nil, uint16(rng.IntN(1<<14)))
		upper := binary.BigEndian.AppendUint16(nil, uint16(rng.IntN(1<<14)))
		if string(lower) < string(upper) {
			check(t, c.DeleteRange(lower, upper))
			model.DeleteRange(lower, upper)
		}
		check(t, s.Apply(&c, state.Position{}))
		got := []string{}
		check(t, s.Scan(lower, nil, func(k, v []byte) error { got = append(got, string(k)+"="+string(v)); return nil }))
		if !slices.Equal(got, model.Scan(lower, nil)) {
			t.Fatalf("%d keys, want %d", len(got), len(model.Scan(lower, nil)))
		}
		for k := range 1 << 14 {
			key := binary.BigEndian.AppendUint16(nil, uint16(k))
			value, found, err := s.Get(key)
			check(t, err)
			if want, ok := model[string(key)]; ok != found || want != string(value) {
				t.Fatalf("key %d is %d bytes (%v), want %d (%v)", k, len(value), found, len(want), ok)
			}
		}
	}
}

// Values that do not fit into a chunk, and what is left of a bucket whose entries are replaced again and again.
func TestBucketOfLargeValues(t *testing.T) {
	s, err := memory.New().Open("s/0")
	check(t, err)
	check(t, s.(state.Bucketed).Bucket([]byte("k"), 0))
	for round := range 50 {
		var c state.Changes
		for _, key := range []string{"k", "ka", "kb"} {
			check(t, c.Put([]byte(key), bytes.Repeat([]byte(key[:1]), 1+round*4000)))
		}
		check(t, s.Apply(&c, state.Position{}))
		n := 0
		check(t, s.Scan([]byte("k"), nil, func(_, v []byte) error {
			if n++; len(v) != 1+round*4000 {
				t.Errorf("a value of %d bytes in round %d", len(v), round)
			}
			return nil
		}))
		if n != 3 {
			t.Fatalf("%d keys in round %d", n, round)
		}
	}
}

func TestBucketsAreDeclaredOnce(t *testing.T) {
	s, err := memory.New().Open("s/0")
	check(t, err)
	check(t, s.(state.Bucketed).Bucket([]byte("ab"), 1))
	check(t, s.(state.Bucketed).Bucket([]byte("ab"), 1))
	for _, other := range []string{"", "a", "ab", "abc"} {
		if err := s.(state.Bucketed).Bucket([]byte(other), 2); fault.KindOf(err) != fault.Bug {
			t.Errorf("%q: %v", other, err)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkApply is a commit of 50 000 random keys among as many as the state has, in one window.
func BenchmarkApply(b *testing.B) {
	for _, keys := range []int{1000, 1_000_000, 4_000_000} {
		b.Run(strconv.Itoa(keys), func(b *testing.B) {
			s, err := memory.New().Open("s/0")
			if err != nil {
				b.Fatal(err)
			}
			if err := s.(state.Bucketed).Bucket([]byte("op"), 8); err != nil {
				b.Fatal(err)
			}
			const commit = 50_000
			var c state.Changes
			rng := rand.New(rand.NewPCG(1, 1))
			apply := func() {
				c.Reset()
				for range commit {
					key := binary.BigEndian.AppendUint64([]byte("op12345678i"), uint64(rng.IntN(keys)))
					if err := c.Put(key, []byte{1, 2, 3}); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.Apply(&c, state.Position{}); err != nil {
					b.Fatal(err)
				}
			}
			for n := 0; n < 2*keys; n += commit {
				apply()
			}
			b.ResetTimer()
			rows := 0
			for b.Loop() {
				apply()
				rows += commit
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/key")
		})
	}
}
