package nexmark

import "math/bits"

const golden = 0x9e3779b97f4a7c15

// random is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
type random uint64

// randomOf returns the random numbers of one field of one event. The number is mixed before it is a seed: neighbours
// would else run through the same sequence, one step apart.
func randomOf(seed uint64, id int64, f field) random {
	return random(mix(seed + (uint64(id)<<fieldBits|uint64(f))*golden)) //nolint:gosec // a seed: any bits will do
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *random) next() uint64 {
	*r += golden
	return mix(uint64(*r))
}

// below returns a number in [0, n), for a positive n.
func (r *random) below(n int64) int64 {
	high, _ := bits.Mul64(r.next(), uint64(n)) //nolint:gosec // n is positive
	return int64(high)                         //nolint:gosec // below n
}
