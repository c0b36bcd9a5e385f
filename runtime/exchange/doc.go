// Package exchange moves rows to the partition of their key, as columnar batches in an internal topic.
//
//	source task 0 ─► Lane 0 ─┐             ┌─► partition 0 ─► Reader ─► aggregate task 0
//	source task 3 ─► Lane 3 ─┼─► Writer ───┼─► partition 1 ─► Reader ─► aggregate task 1
//	(tasks of one worker)    ┘             └─► …
//
// # The record
//
// Integers are little endian or varints as of encoding/binary. A record is whole or refused: the CRC is over all of it.
//
//	layout     1 byte: 1, or 2 where a mark states an owner or a cut
//	job epoch  uvarint
//	channels   uvarint: source partitions (or upstream tasks) that the sender knows of; this number is the source epoch
//	marks      uvarint count, then for each, channels ascending:
//	             channel uvarint │ flags 1 byte (1: idle, 2: an owner follows, 4: a cut follows) │ [owner uvarint] │ [cut uvarint] │ watermark varint
//	rows       uvarint
//	columns    uvarint count, then for each:
//	             kind 1 byte │ flags 1 byte (1: has NULLs) │ [bitmap ⌈rows/8⌉ bytes, bit set = NULL] │ values
//	crc        4 bytes: CRC-32C (Castagnoli) of everything before
//
//	values of BOOLEAN                  bitmap
//	of INT, BIGINT, DATE, TIMESTAMP…   base 8 bytes │ width 1 byte (0, 1, 2, 4, 8) │ rows × width bytes: value − base, unsigned
//	of DOUBLE                          rows × 8 bytes
//	of STRING, BYTES                   lengths, as an integer column │ the bytes of all rows
//
// Kafka compresses batches of records; the layout has no compression of its own beyond the narrow integers.
//
// # What a mark claims, and why it is true
//
// A mark (c, W) in a record of partition p claims: no row of channel c for p that comes later in p's log belongs to a
// window that ends at or before W. Receivers read committed records in log order.
//
//  1. A Lane's mark is set by its task after the task has pushed every row that led to it, and a row that comes later
//     passes the source's own check: a window that ends at or before the watermark of its own partition takes it no more.
//     So what a lane is handed after its mark was set to W obeys the claim for W.
//  2. What it was handed before is either written to p already, or waits in p's buffer.
//  3. A record of p always takes all of p's buffer, and carries marks as they are at that moment. So with the record,
//     nothing of before waits any more: all of it is in this record or in earlier ones of the same producer, in this
//     transaction or in earlier ones, and a producer writes a partition in order.
//  4. If the transaction aborts, the record is not read and neither is its claim. Rollback forgets what was stated.
//  5. If the task moves, its new owner opens it from a committed offset, after the old owner's last transaction: the old
//     claims are earlier in the log, and hold for all rows up to that offset; the new owner goes on from the watermark
//     that was committed with it, so 1 holds for the rest.
//
// # Cuts
//
// A mark may state the cut of a savepoint as well: no row of the channel that belongs before the savepoint comes later in
// p's log. The claim holds for the same reasons as that of a watermark, as the task sets it after the last row of before the cut
// was pushed, and pushes none until the savepoint lets it go on, when the mark states no cut any more. So a receiver for which all
// channels state the same cut has all rows of before it and none of after it, whatever crashed or moved meanwhile.
//
// # Where commits are no transactions
//
// Then a record is read as soon as it is written, by a worker that will commit its offsets, or dies before that, or was
// given up long ago. The claim becomes: a row that comes later and belongs to a window which ends at or before W has a copy
// before the mark.
//
//  1. Each worker has opened the task at a committed offset B, and all rows before B were in the log when B was committed:
//     at least once, offsets are committed when everything else is written.
//  2. The mark was written after all rows from B up to the position P at which the watermark was W, in the order of
//     the partition, as above. So whoever writes the mark, and whenever, all rows before P have a copy before it.
//  3. A row from P on has a window that ends after W, because its source decides by the watermark just before the row,
//     which is a function of the rows before it: the same whoever reads them, and how often.
//
// So what a receiver drops behind its watermark is a repeat, and what is not dropped counts twice. A partial aggregate that
// holds a repeat and a first copy is one window's, which by 3 ends after W. A receiver that goes back reads the same
// records in the same order, and states again what it stated.
//
// At most once, a worker's rows and marks go out when its offsets are committed, or not at all. A mark that is there has
// the rows of its own generation before it; what is missing of earlier ones is lost, and comes no more.
//
// What a worker that was given up says about idle is not true for ever, so marks then name their owner, and receivers
// pass over what a former owner says about it. See decision 62.
//
// The exception is a channel that was declared idle: it promises nothing, and rows that it brings when it wakes can be
// behind the receiver's watermark. The aggregate drops and counts them.
package exchange
