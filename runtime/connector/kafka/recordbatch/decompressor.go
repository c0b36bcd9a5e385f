package recordbatch

import (
	"bytes"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// MaxUnpackedBytes bounds what a batch may become: brokers take batches of a MiB by default, and repetition compresses
// well. A batch that is larger is an error of kind Corrupt.
const MaxUnpackedBytes = 256 << 20

// Decompressor unpacks batches. The zero value is ready; one goroutine uses it.
type Decompressor struct {
	src  bytes.Reader
	gzip *gzip.Reader
	zstd *zstd.Decoder
}

// Append appends the unpacked payload to dst. Where dst grows, what was there before stays readable in the old memory.
func (d *Decompressor) Append(dst []byte, codec Codec, payload []byte) ([]byte, error) {
	var err error
	was := len(dst)
	switch codec {
	case None:
		return append(dst, payload...), nil
	case Gzip:
		dst, err = d.appendGzip(dst, payload)
	case Snappy:
		dst, err = appendSnappy(dst, payload)
	case LZ4:
		dst, err = appendLZ4(dst, payload)
	case Zstd:
		dst, err = d.appendZstd(dst, payload)
	default:
		return dst, corrupt("the unknown codec %d", codec)
	}
	if err != nil {
		return dst[:was], err
	}
	if len(dst)-was > MaxUnpackedBytes {
		return dst[:was], tooLarge()
	}
	return dst, nil
}

func (d *Decompressor) appendGzip(dst, payload []byte) ([]byte, error) {
	d.src.Reset(payload)
	if d.gzip == nil {
		d.gzip = new(gzip.Reader)
	}
	if err := d.gzip.Reset(&d.src); err != nil {
		return dst, corrupt("gzip: %v", err)
	}
	most := len(dst) + MaxUnpackedBytes
	for {
		dst = slices.Grow(dst, max(len(payload), bytes.MinRead))
		n, err := d.gzip.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case err == io.EOF: //nolint:errorlint // a reader returns it bare
			return dst, nil
		case err != nil:
			return dst, corrupt("gzip: %v", err)
		case len(dst) > most:
			return dst, tooLarge()
		}
	}
}

func (d *Decompressor) appendZstd(dst, payload []byte) ([]byte, error) {
	if d.zstd == nil {
		decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxUnpackedBytes), zstd.WithDecoderLowmem(true))
		if err != nil {
			return dst, corrupt("zstd: %v", err)
		}
		d.zstd = decoder
	}
	out, err := d.zstd.DecodeAll(payload, dst)
	if err != nil {
		return dst, corrupt("zstd: %v", err)
	}
	return out, nil
}

func tooLarge() error {
	return corrupt("a batch that unpacks to more than %d bytes", MaxUnpackedBytes)
}
