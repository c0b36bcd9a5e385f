package kernel

// Hash64 mixes all bits of an integer key (the finalizer of MurmurHash3) with a seed of the process, so that nobody can
// choose keys that collide in a table.
func Hash64(key, seed uint64) uint64 {
	key ^= seed
	key = (key ^ key>>33) * 0xff51afd7ed558ccd
	key = (key ^ key>>33) * 0xc4ceb9fe1a85ec53
	return key ^ key>>33
}
