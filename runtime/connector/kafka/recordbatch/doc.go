// Package recordbatch reads and writes Kafka's record batches, format 2 (Kafka 0.11 and later). They are read where they
// lie: in the bytes of a fetch response. Nothing is allocated for a record; keys and values are slices of the response, or
// of the buffer that a compressed batch was unpacked into.
//
//	response of a partition   │ batch │ batch │ batch │ cut off …     Next
//	                              │
//	                              ├─ of an aborted transaction, or a marker?   Filter
//	                              ├─ unpack: gzip, snappy, lz4, zstd           Decompressor
//	                              └─ records: offset, time, key, value         Records
//
// They are written, by Writer, into the bytes that a produce request takes as they are: a record's value is encoded where
// it is to lie. A Compressor packs a whole batch.
//
// The package is pure: bytes in, records out, and the other way round. What the bytes claim about lengths is believed only
// where it fits, so damaged bytes end in an error and never in a panic or in memory that they ask for.
//
// The layout is in the protocol's documentation, https://kafka.apache.org/documentation/#recordbatch; the filter is that
// of KIP-98, as clients apply it.
package recordbatch
