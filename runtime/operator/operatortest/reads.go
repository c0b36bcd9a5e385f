package operatortest

import (
	"testing"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Reads runs a case with a commit behind every few rows and nothing that disturbs it, and returns how often its store was
// read once it was open. On a store that is a server each of them would be a round trip.
func Reads(t *testing.T, c Case, rows int) int {
	t.Helper()
	b := &countedBackend{Backend: c.Backend()}
	p := &player{t: t, c: &c, plan: plan{size: func() int { return rows }}, watermark: types.NoWatermark, backend: b}
	p.open()
	b.reads = 0
	for p.row < c.Input.Length {
		p.tell()
		n := p.until()
		p.must(p.op.Push(p.batch(p.row, p.row+n), &p.record))
		p.row += n
		p.commit()
	}
	p.must(p.op.Advance(types.EndOfInput, &p.record))
	p.commit()
	if len(p.record.result.Rows) == 0 {
		t.Error("no row came out: the test sees nothing")
	}
	p.must(p.store.Close())
	p.must(p.backend.Close())
	return b.reads
}

type countedBackend struct {
	state.Backend
	reads int
}

// Open returns a store whose reads are counted.
func (b *countedBackend) Open(task string) (state.Store, error) {
	s, err := b.Backend.Open(task)
	return &countedStore{s, b}, err
}

type countedStore struct {
	state.Store
	of *countedBackend
}

// Get counts.
func (s *countedStore) Get(key []byte) (value []byte, found bool, err error) {
	s.of.reads++
	return s.Store.Get(key)
}

// Scan counts.
func (s *countedStore) Scan(lower, upper []byte, visit func(key, value []byte) error) error {
	s.of.reads++
	return s.Store.Scan(lower, upper, visit)
}
