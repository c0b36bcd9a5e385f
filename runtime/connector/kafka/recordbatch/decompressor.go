package recordbatch

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// MaxUnpackedBytes bounds what a batch may become: brokers take batches of a MiB by default, and repetition compresses
// well. A batch that is larger is an error of kind Corrupt.
const MaxUnpackedBytes = 256 << 20

const (
	zstdFirstGrowth = 8
	zstdMostGrowth  = 64 << 10 // a block of 128 KiB of one byte takes four bytes
)

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

// appendZstd unpacks into the room that the frame says it needs, and that its bytes can fill at all; or, where it doesn't
// say, into more and more. The library takes no memory of its own then, whatever a damaged frame says.
func (d *Decompressor) appendZstd(dst, payload []byte) ([]byte, error) {
	if d.zstd == nil {
		decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxUnpackedBytes), zstd.WithDecoderLowmem(true),
			zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return dst, corrupt("zstd: %v", err)
		}
		d.zstd = decoder
	}
	most := min(MaxUnpackedBytes, zstdMostGrowth*len(payload))
	room := min(most, zstdFirstGrowth*len(payload))
	var head zstd.Header
	if err := head.Decode(payload); err == nil && head.HasFCS {
		room = int(min(head.FrameContentSize, uint64(most)))
	}
	for ; ; room = min(most, max(1, zstdFirstGrowth*room)) {
		dst = slices.Grow(dst, room)
		out, err := d.zstd.DecodeAll(payload, dst[:len(dst):len(dst)+room])
		switch {
		case err == nil:
			return out, nil
		case !errors.Is(err, zstd.ErrDecoderSizeExceeded) || room == most:
			return dst, corrupt("zstd: %v", err)
		}
	}
}

func tooLarge() error {
	return corrupt("a batch that unpacks to more than %d bytes", MaxUnpackedBytes)
}
