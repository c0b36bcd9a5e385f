package main

import "testing"

func TestScatteredKeysAreAllKeys(t *testing.T) {
	const keys = 1000
	seen := map[int64]bool{}
	for n := range int64(keys) {
		seen[scatter(n, keys)] = true
	}
	if len(seen) != keys || scatter(keys+1, keys) != scatter(1, keys) {
		t.Errorf("%d of %d keys", len(seen), keys)
	}
}
