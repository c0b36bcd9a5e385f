package kafka

import "encoding/binary"

// partitionOf is the partition that Kafka's own producer sends a key to: murmur2 of the key, without its sign, modulo the
// number of partitions.
func partitionOf(key []byte, partitions int) int32 {
	return int32(murmur2(key)&0x7fffffff) % int32(partitions) //nolint:gosec // 31 bits
}

// murmur2 is that of org.apache.kafka.common.utils.Utils.
func murmur2(b []byte) uint32 {
	const (
		seed   = 0x9747b28c
		m      = 0x5bd1e995
		r      = 24
		ending = 13
		last   = 15
		word   = 4
	)
	h := seed ^ uint32(len(b)) //nolint:gosec // a record is smaller
	for ; len(b) >= word; b = b[word:] {
		k := binary.LittleEndian.Uint32(b) * m
		h = h*m ^ (k^k>>r)*m
	}
	switch len(b) {
	case 3:
		h ^= uint32(b[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(b[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(b[0])) * m
	}
	h = (h ^ h>>ending) * m
	return h ^ h>>last
}
