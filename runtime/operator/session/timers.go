package session

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// timer is an entry with an end that is not after its session's.
type timer struct {
	end int64
	at  uint32
}

// timers says which sessions may be due. Ends are cut into buckets; those of the bucket that time stands in are in a
// heap. An entry is in one place, under an end that it had once.
type timers struct {
	shift   int // a bucket is 2^shift µs
	buckets map[int64][]uint32
	order   []int64 // the numbers of the buckets, descending
	heap    []timer
	limit   int64 // ends below it are in the heap
	spare   [][]uint32
	held    int
	// touchSum keeps the loops that only read from being left out.
	touchSum uint64
}

// newTimers cuts time finely enough that a bucket is at most a sixteenth of the gap.
func newTimers(gapMicros int64) timers {
	const parts = 16
	return timers{
		shift:   max(0, bits.Len64(uint64(gapMicros)/parts)-1), //nolint:gosec // above 0
		buckets: map[int64][]uint32{}, limit: math.MinInt64,
	}
}

// bytes returns the memory that the timers take, nearly.
func (x *timers) bytes() int { return 4*x.held + 16*cap(x.heap) }

// add holds an entry until its end.
func (x *timers) add(end int64, at uint32) {
	if end < x.limit {
		x.push(timer{end, at})
		return
	}
	n := end >> x.shift
	list, ok := x.buckets[n]
	if !ok {
		i, _ := slices.BinarySearchFunc(x.order, n, func(a, b int64) int { return cmp.Compare(b, a) })
		x.order = slices.Insert(x.order, i, n)
		if k := len(x.spare); k > 0 {
			list, x.spare = x.spare[k-1], x.spare[:k-1]
		}
	}
	x.held++
	x.buckets[n] = append(list, at)
}

// due appends the entries whose end is below w, and those that are dead, in no order.
func (x *timers) due(w int64, t *table, gap int64, dst []uint32) []uint32 {
	for {
		for len(x.heap) > 0 && x.heap[0].end < w {
			at := x.pop().at
			dst = x.look(w, at, t, gap, dst)
		}
		if len(x.order) == 0 {
			return dst
		}
		n := x.order[len(x.order)-1]
		if n<<x.shift >= w {
			return dst
		}
		list := x.buckets[n]
		delete(x.buckets, n)
		x.order = x.order[:len(x.order)-1]
		x.held -= len(list)
		if x.limit = math.MaxInt64; n < math.MaxInt64>>x.shift {
			x.limit = (n + 1) << x.shift
		}
		for from := 0; from < len(list); from += touchAhead {
			part := list[from:min(from+touchAhead, len(list))]
			x.touchSum += t.touchEntries(part)
			for _, at := range part {
				dst = x.look(w, at, t, gap, dst)
			}
		}
		const spares = 4
		if len(x.spare) < spares {
			x.spare = append(x.spare, list[:0])
		}
	}
}

// look takes an entry that is due, or holds it on.
func (x *timers) look(w int64, at uint32, t *table, gap int64, dst []uint32) []uint32 {
	end := t.last(at) + gap
	if end < w || t.dead(at) {
		return append(dst, at)
	}
	x.add(end, at)
	return dst
}

func (x *timers) push(t timer) {
	x.heap = append(x.heap, t)
	i := len(x.heap) - 1
	for i > 0 {
		up := (i - 1) / 2
		if x.heap[up].end <= t.end {
			break
		}
		x.heap[i] = x.heap[up]
		i = up
	}
	x.heap[i] = t
}

func (x *timers) pop() timer {
	top, n := x.heap[0], len(x.heap)-1
	t := x.heap[n]
	x.heap = x.heap[:n]
	i := 0
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && x.heap[down+1].end < x.heap[down].end {
			down++
		}
		if t.end <= x.heap[down].end {
			break
		}
		x.heap[i] = x.heap[down]
		i = down
	}
	if n > 0 {
		x.heap[i] = t
	}
	return top
}
