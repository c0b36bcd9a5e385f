package physical

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/types"
)

// Session groups rows by keys into sessions, and emits a row a session when the watermark has passed its end. Its output
// columns are the keys in order, window_start, window_end, and then the calls in order.
type Session struct {
	// Keys are positions of the grouping columns.
	Keys []int `json:"keys"`
	// Time and NotBefore are the positions of what AssignWindow gives: a row's time, and its RowWatermark where that is
	// above it.
	Time      int `json:"time"`
	NotBefore int `json:"notBefore"`
	// GapMicros is the longest time between the rows of a session, above 0.
	GapMicros int64 `json:"gapMicros"`
	// Calls are the aggregate functions.
	Calls []AggregateCall `json:"calls"`
	// Schema is the output.
	Schema types.Schema `json:"schema"`
}

// check looks that the operator fits its input's columns, and returns its own.
func (s *Session) check(in types.Schema) (types.Schema, error) {
	if !holds(in, s.Time, types.Timestamp) || !holds(in, s.NotBefore, types.Timestamp) {
		return in, corrupt("columns %d and %d are no TIMESTAMPs to cut sessions by", s.Time, s.NotBefore)
	}
	if s.GapMicros <= 0 {
		return in, corrupt("a gap of %d µs makes no sense", s.GapMicros)
	}
	var kinds []types.Kind
	for _, k := range s.Keys {
		if k < 0 || k >= len(in.Columns) {
			return in, corrupt("there is no column %d to group by", k)
		}
		kinds = append(kinds, in.Columns[k].Kind)
	}
	kinds = append(kinds, types.Timestamp, types.Timestamp)
	for _, c := range s.Calls {
		if !c.fits(in) {
			return in, corrupt("%s does not fit its input", c.Function)
		}
		kinds = append(kinds, c.Kind)
	}
	if !slices.Equal(kinds, s.Schema.Kinds()) {
		return in, corrupt("its schema is not its keys, bounds and calls")
	}
	return s.Schema, nil
}

func (s *Session) explain(in types.Schema) string {
	text := strings.TrimSpace("sessions "+callsOf(s.Calls, in)) + " with a gap of " + micros(s.GapMicros)
	if len(s.Keys) == 0 {
		return text
	}
	return text + " by " + columnsAt(in, s.Keys)
}
