package snapshot_test

import (
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/pebblestore"
)

const (
	benchKeys      = 1_000_000
	benchKeyBytes  = 24 // "count\0", a window's start, a key
	benchRowBytes  = benchKeyBytes + 16
	benchCommit    = 10_000 // writes a commit
	benchBudget    = 64 << 20
	noBound        = 1 << 40
	blockBytes     = 512 << 10
	benchRewrites  = 5
	benchFirstTime = 1_000_000_000_000
)

// benchKey is the n-th key: a hundred windows of ten thousand keys.
func benchKey(n int) []byte {
	key := append(make([]byte, 0, benchKeyBytes), "count\x00\x00\x00"...)
	key = binary.BigEndian.AppendUint64(key, uint64(benchFirstTime+n/10_000*10))
	return binary.BigEndian.AppendUint64(key, uint64(n)*0x9E3779B97F4A7C15)
}

// changelog is each key written so many times, in random order, as blocks; a commit has one block or more.
func changelog(b *testing.B, rewrites int) [][]byte {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var blocks [][]byte
	var c state.Changes
	flush := func() {
		for next := 0; next >= 0; {
			var block []byte
			block, next = c.EncodeFrom(nil, next, blockBytes)
			blocks = append(blocks, block)
		}
		c.Reset()
	}
	for range rewrites {
		for i, n := range rng.Perm(benchKeys) {
			value := binary.LittleEndian.AppendUint64(make([]byte, 0, 16), uint64(rng.IntN(1000)))
			value = binary.LittleEndian.AppendUint64(value, uint64(n))
			if err := c.Put(benchKey(n), value); err != nil {
				b.Fatal(err)
			}
			if (i+1)%benchCommit == 0 {
				flush()
			}
		}
	}
	return blocks
}

func benchStore(b *testing.B, kind string) (s state.Store, end func()) {
	b.Helper()
	var backend state.Backend = memory.New()
	if kind == "pebble" {
		var err error
		if backend, err = pebblestore.Open(b.TempDir(), nil, benchBudget, pebblestore.Stamp{}, slog.New(slog.DiscardHandler)); err != nil {
			b.Fatal(err)
		}
	}
	s, err := backend.Open("s1/3")
	if err != nil {
		b.Fatal(err)
	}
	return s, func() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if err := backend.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func replay(b *testing.B, s state.Store, blocks [][]byte) {
	b.Helper()
	var c state.Changes
	for i, block := range blocks {
		if err := state.DecodeChanges(block, &c); err != nil {
			b.Fatal(err)
		}
		if err := s.Apply(&c, state.Position{Offset: int64(i), Commit: int64(i) + 1}); err != nil {
			b.Fatal(err)
		}
		c.Reset()
	}
}

func rate(b *testing.B, keys int) {
	b.Helper()
	perSecond := float64(keys) * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond/1e6, "Mkeys/s")
	b.ReportMetric(perSecond*benchRowBytes/1e6, "MB/s")
}

func takeOne(b *testing.B, s state.Store, of *snapshot.Set) snapshot.Result {
	b.Helper()
	f, err := s.(state.Freezer).Freeze(noBound)
	if err != nil {
		b.Fatal(err)
	}
	r, err := of.Take(b.Context(), f, snapshot.Attempt{Begin: time.Now()})
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func benchSet() *snapshot.Set {
	return &snapshot.Set{Blobs: snapshottest.New(), Identity: identity(), BytesPerSecond: noBound}
}

// BenchmarkTake is a snapshot of a million keys into memory: once all of it, once after a commit of ten thousand of the newest.
func BenchmarkTake(b *testing.B) {
	for _, kind := range []string{"memory", "pebble"} {
		s, end := benchStore(b, kind)
		replay(b, s, changelog(b, 1))
		b.Run(kind+"/first", func(b *testing.B) {
			for b.Loop() {
				r := takeOne(b, s, benchSet())
				b.ReportMetric(float64(r.UploadedBytes)/1e6, "MB-uploaded")
			}
			rate(b, benchKeys)
		})
		b.Run(kind+"/next", func(b *testing.B) {
			of := benchSet()
			commit := takeOne(b, s, of).Manifest.Commit
			for b.Loop() {
				b.StopTimer()
				var c state.Changes
				for n := benchKeys - 10_000; n < benchKeys; n++ {
					if err := c.Put(benchKey(n), binary.LittleEndian.AppendUint64(nil, uint64(commit))); err != nil {
						b.Fatal(err)
					}
				}
				commit++
				if err := s.Apply(&c, state.Position{Offset: commit, Commit: commit}); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				r := takeOne(b, s, of)
				b.ReportMetric(float64(r.UploadedBytes)/1e6, "MB-uploaded")
			}
			rate(b, benchKeys)
		})
		end()
	}
}

// BenchmarkFreeze is what the loop waits for.
func BenchmarkFreeze(b *testing.B) {
	for _, kind := range []string{"memory", "pebble"} {
		s, end := benchStore(b, kind)
		replay(b, s, changelog(b, 1))
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				f, err := s.(state.Freezer).Freeze(noBound)
				if err != nil {
					b.Fatal(err)
				}
				if err := f.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
		end()
	}
}

// BenchmarkRestore fills an empty store: from a snapshot in memory, and from changelogs in memory in which each key was written
// once and five times.
func BenchmarkRestore(b *testing.B) {
	once := changelog(b, 1)
	source, end := benchStore(b, "memory")
	replay(b, source, once)
	of := benchSet()
	m := takeOne(b, source, of).Manifest
	end()
	for _, kind := range []string{"memory", "pebble"} {
		b.Run(kind+"/snapshot", func(b *testing.B) {
			into(b, kind, func(s state.Store) {
				r, err := of.Restore(b.Context(), s.(state.Loader), snapshot.Bounds{End: m.Offset, Commit: m.Commit}, silent{})
				if err != nil || r.Manifest == nil {
					b.Fatal(r, err)
				}
			})
		})
		b.Run(kind+"/changelog, each key once", func(b *testing.B) {
			into(b, kind, func(s state.Store) { replay(b, s, once) })
		})
		b.Run(kind+"/changelog, each key five times", func(b *testing.B) {
			often := changelog(b, benchRewrites)
			into(b, kind, func(s state.Store) { replay(b, s, often) })
		})
	}
}

// into measures the filling of new stores.
func into(b *testing.B, kind string, fill func(s state.Store)) {
	b.Helper()
	for b.Loop() {
		b.StopTimer()
		s, end := benchStore(b, kind)
		b.StartTimer()
		fill(s)
		b.StopTimer()
		end()
		b.StartTimer()
	}
	rate(b, benchKeys)
}
