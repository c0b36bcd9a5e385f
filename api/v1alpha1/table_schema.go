package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TableSchema says how a topic's records are rows.
//
// +kubebuilder:validation:XValidation:rule="!has(self.eventTime) || self.columns.exists(c, c.name == self.eventTime.column && c.type == 'TIMESTAMP')",message="eventTime.column must name a column of type TIMESTAMP"
type TableSchema struct {
	// Format is the encoding of a record's value.
	//
	// +kubebuilder:default={type: "JSON"}
	// +optional
	// +millrace:change=Savepoint
	Format RecordFormat `json:"format,omitempty"`
	// Columns are the table's columns, in the order in which INSERT INTO fills them.
	//
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=512
	// +listType=map
	// +listMapKey=name
	// +millrace:change=Savepoint
	Columns []TableColumn `json:"columns"`
	// EventTime says which column is the rows' time; a table without it can't feed a window.
	//
	// +optional
	// +millrace:change=Savepoint
	EventTime *EventTime `json:"eventTime,omitempty"`
}

// RecordFormat is an encoding with its options.
//
// +kubebuilder:validation:XValidation:rule="self.type == 'JSON' || !has(self.json)",message="json is for type JSON only"
type RecordFormat struct {
	// Type is the encoding. JSON is one object a record, its members named as the columns.
	//
	// +kubebuilder:validation:Enum=JSON
	// +kubebuilder:default=JSON
	// +optional
	// +millrace:change=Savepoint
	Type FormatType `json:"type,omitempty"`
	// JSON are the options of the type JSON.
	//
	// +optional
	// +millrace:change=Savepoint
	JSON *JSONFormat `json:"json,omitempty"`
}

// FormatType names an encoding.
type FormatType string

// FormatJSON is one JSON object a record.
const FormatJSON FormatType = "JSON"

// JSONFormat are the options of JSON.
type JSONFormat struct {
	// TimestampFormat is how TIMESTAMP columns are written: RFC3339 ("2013-01-01T05:15:00Z"), SQL
	// ("2013-01-01 05:15:00", taken as UTC) or EpochMillis (a number).
	//
	// +kubebuilder:validation:Enum=RFC3339;SQL;EpochMillis
	// +kubebuilder:default=RFC3339
	// +optional
	// +millrace:change=Savepoint
	TimestampFormat string `json:"timestampFormat,omitempty"`
}

// TableColumn is one column.
type TableColumn struct {
	// Name is the column's name, case included.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +millrace:change=Savepoint
	Name string `json:"name"`
	// Type is the column's SQL type. Every column can hold NULL.
	//
	// +kubebuilder:validation:Enum=BOOLEAN;INT;BIGINT;DOUBLE;STRING;BYTES;DATE;TIMESTAMP
	// +kubebuilder:validation:MaxLength=16
	// +millrace:change=Savepoint
	Type string `json:"type"`
}

// EventTime says which column is a row's time and how the watermark follows.
type EventTime struct {
	// Column names a column of type TIMESTAMP.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +millrace:change=Savepoint
	Column string `json:"column"`
	// MaxOutOfOrderness is how far rows may arrive behind the latest of their partition, as a Go duration such as 5m;
	// 0s, the default, means that they arrive in order. A row behind it can be late.
	//
	// +kubebuilder:default="0s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s')",message="must not be negative"
	// +optional
	// +millrace:change=Savepoint
	MaxOutOfOrderness metav1.Duration `json:"maxOutOfOrderness,omitempty"`
	// IdleTimeout is how long a partition may be silent before windows stop waiting for it; 0s, the default, means for
	// ever. With it, results can depend on the clock.
	//
	// +kubebuilder:default="0s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s')",message="must not be negative"
	// +optional
	// +millrace:change=Savepoint
	IdleTimeout metav1.Duration `json:"idleTimeout,omitempty"`
}
