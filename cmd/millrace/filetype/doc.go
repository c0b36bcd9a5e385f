// Package filetype says what an input or output file holds, by what its name ends in: JSON lines, CSV or Parquet, plain or
// compressed by gzip or zstd.
//
//	bids.jsonl   bids.csv.gz   bids.csv.zst   bids.parquet
//
// Any other name is JSON lines. Parquet compresses its own pages, and is read by seeking, so that a compressed one
// is refused.
package filetype
