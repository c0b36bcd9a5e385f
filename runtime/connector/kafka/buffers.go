package kafka

import (
	"math/bits"
	"sync"
)

const (
	leastBufferBits = 12 // 4 KiB
	mostBufferBits  = 20 // 1 MiB
	// keptBufferBytes bounds what is kept for later.
	keptBufferBytes = 16 << 20
)

// buffers keeps the memory of batches that were answered, by powers of two. What is larger than the largest is made for
// one batch, and forgotten.
type buffers struct {
	mu     sync.Mutex
	spares [mostBufferBits + 1][][]byte
	bytes  int
}

// get returns memory for n bytes at least.
func (b *buffers) get(n int) []byte {
	class := max(bits.Len(uint(max(n, 1)-1)), leastBufferBits)
	if class > mostBufferBits {
		return make([]byte, 0, n)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if last := len(b.spares[class]) - 1; last >= 0 {
		memory := b.spares[class][last]
		b.spares[class] = b.spares[class][:last]
		b.bytes -= cap(memory)
		return memory
	}
	return make([]byte, 0, 1<<class)
}

// put takes memory that nobody reads or writes any more.
func (b *buffers) put(memory []byte) {
	class := bits.Len(uint(cap(memory))) - 1
	if class < leastBufferBits || class > mostBufferBits || cap(memory) != 1<<class {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bytes+cap(memory) <= keptBufferBytes {
		b.spares[class] = append(b.spares[class], memory[:0])
		b.bytes += cap(memory)
	}
}
