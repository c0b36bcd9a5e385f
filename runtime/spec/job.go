package spec

import "time"

// Job is a stream job as its author wrote it.
type Job struct {
	// Name is the job's name; it ends up in messages only.
	Name string
	// SQL is the program's text.
	SQL string
	// File names the text in messages, such as "query.sql" or "spec.sql".
	File string
	// Tables is the catalogue: what the SQL may name besides what it declares itself by CREATE TABLE.
	Tables []Table
	// DefaultSink is the topic that takes the rows of bare SELECTs, as JSON under the query's column names; empty
	// refuses them.
	DefaultSink string
	// MaxParallelism is the number of partitions of every internal topic; at least 1.
	MaxParallelism int
	// BadRows says what becomes of a record that does not decode and of a row whose expression fails.
	BadRows BadRows
	// Delivery says how often a row counts that is on its way when a worker fails; empty is exactly once.
	Delivery Delivery
}

// BadRows is the policy for rows that can't be processed.
type BadRows string

// The policies.
const (
	// BadRowsFail stops the job, with the place of the row. It is the default.
	BadRowsFail BadRows = "Fail"
	// BadRowsSkip leaves the row out and counts it.
	BadRowsSkip BadRows = "Skip"
)

// StartFrom says where a job that has never committed begins to read.
type StartFrom string

// The starting points.
const (
	// StartEarliest begins with the oldest record that a topic holds. It is the default.
	StartEarliest StartFrom = "Earliest"
	// StartLatest begins with the records that arrive after the start.
	StartLatest StartFrom = "Latest"
)

// EventTime says which column is a table's event time and how its watermark follows.
type EventTime struct {
	// Column names a TIMESTAMP column.
	Column string
	// MaxOutOfOrderness is how far rows may arrive behind the latest one of their partition; 0 means in order.
	MaxOutOfOrderness time.Duration
	// IdleTimeout is the wall-clock time after which a silent partition holds nothing back; 0 means never.
	IdleTimeout time.Duration
}
