package recordbatch_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/connector"
	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
)

// walk reads whatever it can of the bytes, checksums apart.
func walk(t *testing.T, data []byte) {
	t.Helper()
	filter := recordbatch.NewFilter([]recordbatch.Aborted{{ProducerID: 1, FirstOffset: 0}})
	var codecs recordbatch.Decompressor
	records := make([]connector.Record, 0, 64)
	for {
		b, rest, err := recordbatch.Next(data)
		if err != nil {
			return
		}
		if len(rest) >= len(data) {
			t.Fatalf("%d bytes are left of %d", len(rest), len(data))
		}
		if b.LastOffset < b.BaseOffset {
			t.Fatalf("a batch from %d to %d", b.BaseOffset, b.LastOffset)
		}
		_ = filter.Hides(&b)
		payload, err := codecs.Append(nil, b.Codec(), b.Payload)
		if err == nil {
			it := b.Records(payload)
			for last := int64(-1); ; {
				found, more, err := it.Fill(records[:0], "t", 0, 0)
				for _, r := range found {
					if r.Offset <= last || r.Offset < b.BaseOffset || r.Offset > b.LastOffset {
						t.Fatalf("offset %d after %d, of %d to %d", r.Offset, last, b.BaseOffset, b.LastOffset)
					}
					last = r.Offset
				}
				if err != nil || !more {
					break
				}
			}
		}
		data = rest
	}
}

// batch is one batch with two records, uncompressed.
func batch() []byte {
	var records []byte
	for delta := range 2 {
		body := []byte{0, 0, byte(2 * delta), 2, 'k', 4, 'v', 'v', 0} // attributes, time, offset, key, value, headers
		records = append(append(records, byte(2*len(body))), body...)
	}
	b := make([]byte, 61, 128)
	binary.BigEndian.PutUint64(b, 7)
	binary.BigEndian.PutUint32(b[8:], uint32(49+len(records)))
	b[16] = 2
	binary.BigEndian.PutUint32(b[23:], 1)
	binary.BigEndian.PutUint64(b[43:], 1)
	binary.BigEndian.PutUint32(b[57:], 2)
	return append(b, records...)
}

func FuzzNext(f *testing.F) {
	f.Add(batch())
	f.Add(append(batch(), batch()...))
	f.Fuzz(func(t *testing.T, data []byte) { walk(t, data) })
}

// A short slice of what fuzzing does, the same each time.
func TestDamagedBatchesEndInAnErrorOrInRecords(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	whole := append(batch(), batch()...)
	for range 50_000 {
		damaged := bytes.Clone(whole)
		for range 1 + r.IntN(4) {
			damaged[r.IntN(len(damaged))] = [...]byte{0, 1, 0x7f, 0x80, 0xff, byte(r.Uint32())}[r.IntN(6)]
		}
		walk(t, damaged[:len(damaged)-r.IntN(8)])
	}
}

const growth = 1 << 20

// unpack compares our unpacking with the library's.
func unpack(t *testing.T, codec recordbatch.Codec, payload []byte) {
	t.Helper()
	prefix := []byte("before")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := new(recordbatch.Decompressor).Append(bytes.Clone(prefix), codec, payload)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err != nil && len(payload) < 32 && took > 8*growth {
		t.Fatalf("codec %d: %d bytes of memory for %d that are damaged: %v", codec, took, len(payload), err)
	}
	if !bytes.HasPrefix(got, prefix) {
		t.Fatalf("codec %d: what was there before is gone: %q", codec, got)
	}
	if err != nil {
		return
	}
	want, err := kgo.DefaultDecompressor().Decompress(payload, kgo.CompressionCodecType(codec))
	if err == nil && !bytes.Equal(got[len(prefix):], want) {
		t.Fatalf("codec %d: %d bytes, the library has %d", codec, len(got)-len(prefix), len(want))
	}
}

func compressed(tb testing.TB, codec recordbatch.Codec, text []byte) []byte {
	tb.Helper()
	c, err := kgo.DefaultCompressor([]kgo.CompressionCodec{
		kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression(),
	}[codec])
	if err != nil {
		tb.Fatal(err)
	}
	if c == nil {
		return text
	}
	out, _ := c.Compress(new(bytes.Buffer), text)
	return bytes.Clone(out)
}

func FuzzUnpack(f *testing.F) {
	for codec := recordbatch.None; codec <= recordbatch.Zstd; codec++ {
		f.Add(int16(codec), compressed(f, codec, bytes.Repeat([]byte("millrace"), 100)))
	}
	f.Fuzz(func(t *testing.T, codec int16, payload []byte) {
		if len(payload) < 1<<16 {
			unpack(t, recordbatch.Codec(codec&7), payload)
		}
	})
}

func TestWhatIsPackedIsUnpacked(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for codec := recordbatch.None; codec <= recordbatch.Zstd; codec++ {
		for _, size := range []int{0, 1, 100, 4 << 10, 70 << 10, 3 << 20} {
			for name, text := range map[string][]byte{
				"repetitive": bytes.Repeat([]byte("ab"), (size+1)/2), "random": random(r, size), "both": append(random(r, size), make([]byte, 8*size)...),
			} {
				packed := compressed(t, codec, text)
				got, err := new(recordbatch.Decompressor).Append(nil, codec, packed)
				if err != nil || !bytes.Equal(got, text) {
					t.Errorf("codec %d, %s: %d of %d bytes: %v", codec, name, len(got), len(text), err)
				}
			}
		}
	}
}

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestDamagedPayloadsAskForLittleMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for codec := recordbatch.Gzip; codec <= recordbatch.Zstd; codec++ {
		whole := compressed(t, codec, bytes.Repeat([]byte("x"), 300))
		for range 1000 {
			damaged := bytes.Clone(whole)
			for range 1 + r.IntN(3) {
				damaged[r.IntN(len(damaged))] = byte(r.Uint32())
			}
			unpack(t, codec, damaged)
		}
	}
	// a frame of zstd that says that it unpacks to 200 MB
	unpack(t, recordbatch.Zstd, []byte{0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0x00, 0xc2, 0xeb, 0x0b, 0x01, 0x00, 0x00})
}
