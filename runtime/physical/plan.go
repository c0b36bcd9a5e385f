package physical

import (
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// Format is the version of the plan document that this build writes. A worker reads this one and the one before.
//
//	1  tumbling windows
//	2  kinds of windows, slices, sessions
//	3  deliveries; workers have a control topic, write laps, cuts and owners, and emit large windows in goes
//
// What workers write for each other follows from the format of their plan, and from nothing else: all workers of an epoch have the same
// plan, so none of them writes what another one does not know, whatever versions they are. See layouts.go.
const Format = 3

// OldestFormat is the oldest version that this build reads. There has been none before the first.
const OldestFormat = max(1, Format-1)

// Plan is a compiled job. Its JSON is a contract between operator and worker versions: fields are added, never renamed.
type Plan struct {
	// Format is the version of this document.
	Format int `json:"format"`
	// Hash identifies the whole plan: two texts with the same hash run the same program.
	Hash string `json:"hash"`
	// StateHash identifies what outlives a restart: stateful operators with their state's layout, the exchanges, and
	// the source topics. Two plans with the same StateHash can follow each other without a savepoint.
	StateHash string `json:"stateHash"`
	// MaxParallelism is the number of partitions of every exchange and of its stage's changelog.
	MaxParallelism int `json:"maxParallelism"`
	// BadRows is the policy for rows that can't be processed.
	BadRows spec.BadRows `json:"badRows"`
	// Delivery says how often a row counts that is on its way when a worker fails; empty is exactly once.
	Delivery spec.Delivery `json:"delivery,omitempty"`
	// Stages are in the order of the data flow: a stage reads topics, or exchanges of stages before it.
	Stages []Stage `json:"stages"`
}

// Stage is a chain of operators over one input topic; its tasks are the topic's partitions.
type Stage struct {
	// Name is stable over plan changes that keep the state: it names the stage's changelog topic.
	Name string `json:"name"`
	// Input is what the stage reads.
	Input Input `json:"input"`
	// Branches each take all rows of the input. A stage has several when several statements read the same topic.
	Branches []Branch `json:"branches"`
	// Stateful says whether an operator of the stage keeps state; then the stage has a changelog topic.
	Stateful bool `json:"stateful"`
}

// Input is a stage's input; exactly one of Topic and Exchange is set.
type Input struct {
	Topic    *TopicInput    `json:"topic,omitempty"`
	Exchange *ExchangeInput `json:"exchange,omitempty"`
}

// TopicInput reads a user's topic, or makes rows as if there were one.
type TopicInput struct {
	Topic string `json:"topic"`
	// Nexmark is set where the rows are made: then there is no such topic, and Format counts for nothing.
	Nexmark *spec.Nexmark `json:"nexmark,omitempty"`
	Format  spec.Format   `json:"format"`
	// Schema lists the columns that are decoded, and only these, in batch order.
	Schema types.Schema `json:"schema"`
	// EventTime is nil when the table has none, or when nothing in the plan needs it.
	EventTime *EventTime `json:"eventTime,omitempty"`
}

// EventTime is how a source's watermark follows its rows.
type EventTime struct {
	// Column is the position of a TIMESTAMP column in the decoded schema.
	Column int `json:"column"`
	// MaxOutOfOrdernessMicros and IdleTimeoutMicros are in microseconds; an IdleTimeoutMicros of 0 means never idle.
	MaxOutOfOrdernessMicros int64 `json:"maxOutOfOrdernessMicros"`
	IdleTimeoutMicros       int64 `json:"idleTimeoutMicros"`
}

// ExchangeInput reads an internal topic of columnar batches.
type ExchangeInput struct {
	// Name is the Output.Exchange that feeds it; the topic is Topics.Exchange(Name).
	Name   string       `json:"name"`
	Schema types.Schema `json:"schema"`
}

// Branch is a chain of operators and where its rows go.
type Branch struct {
	Operators []Operator `json:"operators"`
	Output    Output     `json:"output"`
}

// Operator is one step; exactly one of the pointers is set.
type Operator struct {
	// ID is unique within the plan and stable while the operator computes the same: it prefixes the operator's state.
	ID           string        `json:"id"`
	Filter       *Filter       `json:"filter,omitempty"`
	Project      *Project      `json:"project,omitempty"`
	AssignWindow *AssignWindow `json:"assignWindow,omitempty"`
	Combine      *Combine      `json:"combine,omitempty"`
	Aggregate    *Aggregate    `json:"aggregate,omitempty"`
	Session      *Session      `json:"session,omitempty"`
}

// Filter keeps the rows on which the predicate is TRUE.
type Filter struct {
	Predicate expr.Node `json:"predicate"`
}

// Project computes a new list of columns from the input's.
type Project struct {
	Columns []ProjectedColumn `json:"columns"`
}

// ProjectedColumn is an expression with the name of its result.
type ProjectedColumn struct {
	Name string    `json:"name"`
	Expr expr.Node `json:"expr"`
}

// AssignWindow appends the columns window_start and window_end (TIMESTAMP) of the window that a row's time falls into,
// and drops rows whose window's end is not after their RowWatermark, counting them as late. A row that falls into several
// windows becomes a row for each, or with Slices stays one row, with the ends of the first and the last window that it
// counts in. Of SESSION the columns are the row's time and its RowWatermark where that is above it, else the lowest number. A
// row whose time is NULL is a bad row. It stands before any exchange, where the row's own partition is known.
type AssignWindow struct {
	// Time is the position of the TIMESTAMP column.
	Time int `json:"time"`
	// Kind is empty for TUMBLE.
	Kind WindowKind `json:"kind,omitempty"`
	// SizeMicros is the window's length, of CUMULATE the longest one's, of SESSION the gap, above 0.
	SizeMicros int64 `json:"sizeMicros"`
	// StepMicros is HOP's slide, and the step of CUMULATE, which divides the size; 0 for TUMBLE.
	StepMicros int64 `json:"stepMicros,omitempty"`
	// OffsetMicros shifts the alignment from the epoch; in [0, size), for HOP in [0, step).
	OffsetMicros int64 `json:"offsetMicros"`
	Slices       bool  `json:"slices,omitempty"`
}

// WindowKind is a family of windows.
type WindowKind string

// The kinds of windows that rows are assigned to one by one.
const (
	WindowTumble   WindowKind = "" // since format 1, which had no kinds
	WindowHop      WindowKind = "HOP"
	WindowCumulate WindowKind = "CUMULATE"
	WindowSession  WindowKind = "SESSION"
)

// Aggregate groups rows by window and keys, and emits a row a group when the watermark reaches the window's end. Its
// output columns are the keys in order (window columns are keys like any) and then the calls in order.
type Aggregate struct {
	// Keys are positions of the grouping columns, among them WindowEnd (always) and WindowStart.
	Keys []int `json:"keys"`
	// WindowEnd is the position of the window_end column in the input; the aggregate fires by it.
	WindowEnd int `json:"windowEnd"`
	// WindowStart is the position of the window_start column among Keys, which is the same for all rows of a window and
	// so is kept once; nil when it is not a key.
	WindowStart *int `json:"windowStart,omitempty"`
	// Slices is set when the input's rows are in slices: then the column WindowEnd is the end of the first window that a
	// row counts in, and the column WindowStart that of the last. As keys the two stand for a window's end and start.
	Slices *Slices `json:"slices,omitempty"`
	// Partials says that the input is what a Combine has made of the rows: then the argument of each call is the first
	// column of its partial results, and there are no filters.
	Partials bool `json:"partials,omitempty"`
	// Calls are the aggregate functions.
	Calls []AggregateCall `json:"calls"`
	// Schema is the output: keys, then calls.
	Schema types.Schema `json:"schema"`
}

// Slices is the shape of overlapping windows: their ends are StepMicros apart, and each is SizeMicros long, or begins
// SizeMicros before the last of the row's.
type Slices struct {
	Kind       WindowKind `json:"kind"`
	SizeMicros int64      `json:"sizeMicros"`
	StepMicros int64      `json:"stepMicros"`
}

// AggregateCall is one aggregate function over one input column.
type AggregateCall struct {
	Function AggregateFunction `json:"function"`
	// Argument is the position of the input column; -1 for COUNT(*).
	Argument int `json:"argument"`
	// Filter is the position of a BOOLEAN column that must be TRUE for the row to count; -1 for none.
	Filter int `json:"filter"`
	// Kind is the type of the result.
	Kind types.Kind `json:"type"`
}

// AggregateFunction names an aggregate.
type AggregateFunction string

// The aggregate functions. NULL arguments are left out; over no values SUM, MIN, MAX and AVG are NULL and COUNT is 0.
const (
	AggregateCount AggregateFunction = "COUNT" // BIGINT
	AggregateSum   AggregateFunction = "SUM"   // BIGINT for integers (overflow is an error), DOUBLE for DOUBLE
	AggregateMin   AggregateFunction = "MIN"   // the argument's type; any comparable type
	AggregateMax   AggregateFunction = "MAX"
	AggregateAvg   AggregateFunction = "AVG" // DOUBLE
)

// Output is where a branch's rows go; exactly one is set.
type Output struct {
	Sink     *Sink           `json:"sink,omitempty"`
	Exchange *ExchangeOutput `json:"exchange,omitempty"`
}

// Sink writes rows to a user's topic, one record a row.
type Sink struct {
	Topic  string       `json:"topic"`
	Format spec.Format  `json:"format"`
	Schema types.Schema `json:"schema"`
}

// ExchangeOutput moves rows to the partition of their key's hash.
type ExchangeOutput struct {
	Name string `json:"name"`
	// Keys are the positions of the columns that are hashed; none sends every row to partition 0.
	Keys   []int        `json:"keys"`
	Schema types.Schema `json:"schema"`
}
