package redisstore

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestMembersStandInTheOrderOfTheirKeys compares members of random keys, whatever their values, and takes them apart again.
func TestMembersStandInTheOrderOfTheirKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		b := make([]byte, rng.IntN(n))
		for i := range b {
			b[i] = []byte{0, 1, 2, 0xfe, 0xff}[rng.IntN(5)]
		}
		return b
	}
	member := func(key, value []byte) []byte { return append(appendBound(nil, key), value...) }
	var scratch []byte
	for range 100_000 {
		a, b, v, w := random(5), random(5), random(4), random(4)
		one, other := member(a, v), member(b, w)
		if want := bytes.Compare(a, b); want != 0 && bytes.Compare(one, other) != want {
			t.Fatalf("%x=%x and %x=%x are %x and %x", a, v, b, w, one, other)
		}
		if bytes.Compare(one, appendBound(nil, b)) < 0 != (bytes.Compare(a, b) < 0) {
			t.Fatalf("%x is on the wrong side of the bound %x", a, b)
		}
		if bytes.Compare(one, appendUpper(nil, nil)) >= 0 {
			t.Fatalf("%x is behind the end", a)
		}
		key, value, err := split(scratch, string(one))
		if err != nil || !bytes.Equal(key, a) || value != string(v) {
			t.Fatalf("%x=%x came back as %x=%x %v", a, v, key, value, err)
		}
		scratch = key
	}
}

// FuzzSplit takes apart what is no member of ours.
func FuzzSplit(f *testing.F) {
	f.Add("d\x00\x01")
	f.Add("dkey\x00\xff\x00")
	f.Fuzz(func(t *testing.T, member string) {
		key, value, err := split(nil, member)
		if err == nil && string(append(appendBound(nil, key), value...))[1:] != member[1:] {
			t.Errorf("%x is taken for %x=%x", member, key, value)
		}
	})
}
