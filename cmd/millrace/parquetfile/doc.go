// Package parquetfile reads and writes rows as Parquet, for files on a laptop: package columnfile, with the types that other
// programs write (docs/decisions/0012-parquet.md).
//
// Reading takes the columns of a schema by name, and touches no others. Columns are read a few hundred rows at a time, so that
// memory is bounded by the file's pages, not by its row groups. Writing makes row groups of up to 128 Ki rows or about
// 32 MiB, compressed with zstd, with a file's columns in the order of the schema.
//
//	BOOLEAN     from BOOLEAN; written so
//	INT         from whole numbers in its range; written as INT32
//	BIGINT      from whole numbers in its range; written as INT64
//	DOUBLE      from floats, whole numbers and DECIMAL; written so
//	STRING      from STRING, ENUM, JSON and plain bytes, and from DECIMAL, TIME and UUID as text; written so
//	BYTES       from byte arrays of any kind; written as BYTE_ARRAY
//	DATE        from DATE; written so
//	TIMESTAMP   from TIMESTAMP of any unit, INT96 and DATE, and from whole numbers where the table says that they are
//	            milliseconds; written in microseconds, adjusted to UTC
package parquetfile
