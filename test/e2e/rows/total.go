package rows

import (
	"encoding/json"
	"fmt"
)

// Group is a sensor in a window.
type Group struct {
	Sensor      string
	WindowStart int64
}

// String names the group in messages.
func (g Group) String() string { return g.Sensor + " from " + clock(g.WindowStart) }

// Sum is what the query computes of a group.
type Sum struct {
	Readings int64
	Total    int64
}

// String shows the sum in messages.
func (s Sum) String() string { return fmt.Sprintf("%d readings, total %d", s.Readings, s.Total) }

// DecodeTotal reads a record of the output.
func DecodeTotal(value []byte) (Group, Sum, error) {
	var t struct {
		Sensor      *string `json:"sensor"`
		WindowStart *int64  `json:"window_start"`
		Readings    *int64  `json:"readings"`
		Total       *int64  `json:"total"`
	}
	if err := json.Unmarshal(value, &t); err != nil {
		return Group{}, Sum{}, fmt.Errorf("decode the total %q: %w", value, err)
	}
	if t.Sensor == nil || t.WindowStart == nil || t.Readings == nil || t.Total == nil {
		return Group{}, Sum{}, fmt.Errorf("decode the total %q: a member is missing", value)
	}
	return Group{*t.Sensor, *t.WindowStart}, Sum{*t.Readings, *t.Total}, nil
}
