// Package columnfile is batches as Parquet files: written column by column as they lie in memory, and read back some
// hundred rows at a time. It is one of two packages that link the Parquet library; the other one reads what other
// programs have written (docs/decisions/0012-parquet.md).
//
//	BOOLEAN, DOUBLE          as Parquet's own
//	INT                      INT32
//	BIGINT                   INT64
//	STRING                   BYTE_ARRAY, STRING
//	BYTES                    BYTE_ARRAY
//	DATE                     INT32, DATE
//	TIMESTAMP                INT64, TIMESTAMP in microseconds, adjusted to UTC
//	INTERVAL                 INT64, microseconds
//	NULL                     BOOLEAN, always NULL
//	an integer of 128 bits   FIXED_LEN_BYTE_ARRAY(16), DECIMAL(38, 0)
//
// All columns are optional, and have their order. The library panics where a damaged file contradicts itself: what is
// exported here returns an error instead.
package columnfile
