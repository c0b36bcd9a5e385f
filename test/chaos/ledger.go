package main

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
)

// ledger holds what came out. It is safe for concurrent use.
type ledger struct {
	mu     sync.Mutex
	copies []uint8 // by the row's number, how often; at most 255
	counts map[window]*answer
	rows   int64 // of copies
	fired  int64 // of counts
	odd    []string
}

// answer is what was said of a window, and how often.
type answer struct {
	first, other int64
	times        int
}

func newLedger() *ledger { return &ledger{counts: map[window]*answer{}} }

// mostOdd bounds what is kept of rows that nobody expects.
const mostOdd = 20

// add takes a row of the output.
func (l *ledger) add(topic string, value []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ok := false
	if topic == copyTopic {
		l.rows++
		ok = l.copied(value)
	} else {
		l.fired++
		ok = l.counted(value)
	}
	if !ok && len(l.odd) < mostOdd {
		l.odd = append(l.odd, topic+": "+string(value))
	}
}

func (l *ledger) copied(value []byte) bool {
	const most = 1 << 40
	id, ok := number(value, "id")
	if !ok || id < 1 || id > most {
		return false
	}
	for int64(len(l.copies)) <= id {
		l.copies = append(l.copies, make([]uint8, 1<<20)...)
	}
	if l.copies[id] < 255 {
		l.copies[id]++
	}
	return true
}

func (l *ledger) counted(value []byte) bool {
	key, ok := keyOf(value)
	start, ok2 := number(value, "window_start")
	n, ok3 := number(value, "n")
	if !ok || !ok2 || !ok3 {
		return false
	}
	a := l.counts[window{key, start}]
	if a == nil {
		a = &answer{first: n}
		l.counts[window{key, start}] = a
	}
	a.times++
	if n != a.first {
		a.other = n
	}
	return true
}

// seen returns how many rows of either kind there were.
func (l *ledger) seen() (rows, fired int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rows, l.fired
}

// compare holds what came out against what went in. The ledger is complete.
func (l *ledger) compare(w *workload) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := verdict{}
	for id := int64(1); id <= w.rows; id++ {
		n := uint8(0)
		if id < int64(len(l.copies)) {
			n = l.copies[id]
		}
		switch {
		case n == 0:
			v.lost++
			v.example("row %d (partition %d) is not among the copies", id, (id-1)%partitions)
		case n > 1:
			v.doubled += int64(n) - 1
			v.example("row %d (partition %d) was copied %d times", id, (id-1)%partitions, n)
		}
	}
	for id := w.rows + 1; id < int64(len(l.copies)); id++ {
		if l.copies[id] > 0 {
			v.odd++
			v.example("row %d was copied, and never fed", id)
		}
	}
	for at, n := range w.counts {
		v.window(at, n, l.counts[at])
	}
	for at := range l.counts {
		if w.counts[at] == 0 {
			v.odd++
			v.example("%s has rows only that are late, or none", at)
		}
	}
	v.odd += int64(len(l.odd))
	for _, o := range l.odd {
		v.example("nobody can read %s", o)
	}
	return v
}

func (w window) String() string { return fmt.Sprintf("window %s@%d", keyName(w.key), w.millis) }

// keyOf finds the key of a row of the counts.
func keyOf(value []byte) (int, bool) {
	_, rest, ok := bytes.Cut(value, []byte(`"k":"k`))
	digits, _, ok2 := bytes.Cut(rest, []byte(`"`))
	n, err := strconv.Atoi(string(digits))
	return n, ok && ok2 && err == nil
}

// number finds an integer member of a flat JSON object.
func number(object []byte, member string) (int64, bool) {
	_, rest, found := bytes.Cut(object, []byte(`"`+member+`":`))
	end := 0
	for end < len(rest) && (rest[end] >= '0' && rest[end] <= '9' || rest[end] == '-') {
		end++
	}
	n, err := strconv.ParseInt(string(rest[:end]), 10, 64)
	return n, found && err == nil
}
