package recordbatch

import (
	"bytes"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// zstdWindowBytes is what franz-go takes: a batch is small, and a window of the library's default size is cleared for
// each.
const zstdWindowBytes = 64 << 10

// Compressor packs batches. The zero value is ready; one goroutine uses it.
type Compressor struct {
	out  bytes.Buffer
	gzip *gzip.Writer
	lz4  *lz4.Writer
	zstd *zstd.Encoder
}

// Append appends the packed payload to dst. An error is a bug: memory takes everything.
func (c *Compressor) Append(dst []byte, codec Codec, payload []byte) ([]byte, error) {
	switch codec {
	case None:
		return append(dst, payload...), nil
	case Gzip:
		if c.gzip == nil {
			c.gzip = gzip.NewWriter(nil)
		}
		c.out.Reset()
		c.gzip.Reset(&c.out)
		if _, err := c.gzip.Write(payload); err != nil {
			return dst, err
		}
		if err := c.gzip.Close(); err != nil {
			return dst, err
		}
		return append(dst, c.out.Bytes()...), nil
	case Snappy:
		dst = slices.Grow(dst, s2.MaxEncodedLen(len(payload)))
		packed := s2.EncodeSnappy(dst[len(dst):cap(dst)], payload)
		return dst[:len(dst)+len(packed)], nil
	case LZ4:
		return c.appendLZ4(dst, payload)
	case Zstd:
		return c.appendZstd(dst, payload)
	default:
		return dst, corrupt("the unknown codec %d", codec)
	}
}

func (c *Compressor) appendLZ4(dst, payload []byte) ([]byte, error) {
	if c.lz4 == nil {
		c.lz4 = lz4.NewWriter(nil)
		// As Java's producer: a reader takes memory for the largest block that a frame may have.
		if err := c.lz4.Apply(lz4.BlockSizeOption(lz4.Block64Kb)); err != nil {
			return dst, err
		}
	}
	c.out.Reset()
	c.lz4.Reset(&c.out)
	if _, err := c.lz4.Write(payload); err != nil {
		return dst, err
	}
	if err := c.lz4.Close(); err != nil {
		return dst, err
	}
	return append(dst, c.out.Bytes()...), nil
}

func (c *Compressor) appendZstd(dst, payload []byte) ([]byte, error) {
	if c.zstd == nil {
		encoder, err := zstd.NewWriter(nil, zstd.WithWindowSize(zstdWindowBytes), zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true))
		if err != nil {
			return dst, err
		}
		c.zstd = encoder
	}
	return c.zstd.EncodeAll(payload, dst), nil
}
