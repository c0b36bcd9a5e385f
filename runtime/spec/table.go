package spec

import "github.com/millrace/millrace/runtime/types"

// Table is a Kafka topic seen as a table, or a generator of rows.
type Table struct {
	// Name is what the SQL calls it.
	Name string
	// Topic is the Kafka topic.
	Topic string
	// Format says how a record's value holds a row.
	Format Format
	// Schema lists the columns in order.
	Schema types.Schema
	// EventTime is nil for a table without event time; such a table can't feed a window.
	EventTime *EventTime
	// Nexmark says that the table's rows are made and not read, and how; nil for a topic. Topic is then Nexmark.Topic.
	Nexmark *Nexmark
}

// Format is the encoding of rows in a topic's records.
type Format struct {
	Type FormatType `json:"type"`
	// Timestamps is how JSON holds TIMESTAMP columns; the zero value is RFC3339.
	Timestamps TimestampFormat `json:"timestamps,omitempty"`
}

// FormatType is a record encoding.
type FormatType string

// The encodings.
const (
	// FormatJSON is one JSON object a record, members named as the columns.
	FormatJSON FormatType = "JSON"
)

// TimestampFormat is the way a text format holds a point in time.
type TimestampFormat string

// The timestamp formats. Reading accepts up to microseconds in each, and an offset where the format has one; values
// are kept in UTC.
const (
	// TimestampRFC3339 is "2013-01-01T05:15:00Z", with a fraction when there is one.
	TimestampRFC3339 TimestampFormat = "RFC3339"
	// TimestampSQL is "2013-01-01 05:15:00", taken as UTC.
	TimestampSQL TimestampFormat = "SQL"
	// TimestampMillis is a number: milliseconds since the epoch.
	TimestampMillis TimestampFormat = "EpochMillis"
)
