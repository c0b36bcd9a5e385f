// Package feed writes files into topics: JSON lines as they are, CSV and Parquet encoded as the topic says, a record a row, spread over
// the topic's partitions in turn, so that each partition keeps the order of the file.
//
//	flights.jsonl.gz: line 1 2 3 4 5 6 …   ─►   partition 0: 1 5 …   partition 1: 2 6 …   partition 2: 3 …
//
// So the row of a record follows from its partition and offset, and a message about a record can name the line.
package feed
