package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
)

// Compression is how a producer's batches are compressed, by the names of Kafka's compression.type. Empty means none,
// as it does for Kafka's own producer: see docs/decisions/0020-output-compression.md for what the others cost.
type Compression string

// The codecs.
const (
	CompressionNone   Compression = "none"
	CompressionGzip   Compression = "gzip"
	CompressionSnappy Compression = "snappy"
	CompressionLz4    Compression = "lz4"
	CompressionZstd   Compression = "zstd"
)

// codec is franz-go's; an unknown name is a User error.
func (c Compression) codec() (kgo.CompressionCodec, error) {
	switch c {
	case "", CompressionNone:
		return kgo.NoCompression(), nil
	case CompressionGzip:
		return kgo.GzipCompression(), nil
	case CompressionSnappy:
		return kgo.SnappyCompression(), nil
	case CompressionLz4:
		return kgo.Lz4Compression(), nil
	case CompressionZstd:
		return kgo.ZstdCompression(), nil
	}
	return kgo.CompressionCodec{}, fault.New(fault.User, fault.Place{}, "unknown compression %q", string(c)).
		Do("use %s, %s, %s, %s or %s", CompressionNone, CompressionGzip, CompressionSnappy, CompressionLz4, CompressionZstd)
}
