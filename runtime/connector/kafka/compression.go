package kafka

import (
	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
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

// codec is that of the format; an unknown name is a User error.
func (c Compression) codec() (recordbatch.Codec, error) {
	switch c {
	case "", CompressionNone:
		return recordbatch.None, nil
	case CompressionGzip:
		return recordbatch.Gzip, nil
	case CompressionSnappy:
		return recordbatch.Snappy, nil
	case CompressionLz4:
		return recordbatch.LZ4, nil
	case CompressionZstd:
		return recordbatch.Zstd, nil
	}
	return recordbatch.None, fault.New(fault.User, fault.Place{}, "unknown compression %q", string(c)).
		Do("use %s, %s, %s, %s or %s", CompressionNone, CompressionGzip, CompressionSnappy, CompressionLz4, CompressionZstd)
}
