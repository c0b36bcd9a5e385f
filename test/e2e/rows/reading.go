package rows

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// The shape of the data, as test/e2e/manifests declares it.
const (
	// WindowMillis is the length of a window.
	WindowMillis = 10_000
	// DisorderMillis is how far behind the latest reading of its partition a reading may come: maxOutOfOrderness.
	DisorderMillis = 2_000
	// Noise is the sensor that the changed query leaves out.
	Noise = "noise"
	// closing is the sensor of the readings that end what was fed so far.
	closing = "closing"
)

// Reading is a row of the input.
type Reading struct {
	Sensor  string `json:"sensor"`
	Value   int64  `json:"reading"`
	TakenAt int64  `json:"taken_at"` // milliseconds since 1970
}

// Encode returns the reading as a record's value.
func (r Reading) Encode() []byte {
	b := append([]byte(`{"sensor":`), strconv.Quote(r.Sensor)...)
	b = strconv.AppendInt(append(b, `,"reading":`...), r.Value, 10)
	b = strconv.AppendInt(append(b, `,"taken_at":`...), r.TakenAt, 10)
	return append(b, '}')
}

// DecodeReading reads a record's value.
func DecodeReading(value []byte) (Reading, error) {
	var r Reading
	if err := json.Unmarshal(value, &r); err != nil {
		return r, fmt.Errorf("decode the reading %q: %w", value, err)
	}
	return r, nil
}

// window returns the start of the window that a time is in.
func window(millis int64) int64 { return millis - millis%WindowMillis }

func clock(millis int64) string { return time.UnixMilli(millis).UTC().Format("15:04:05") }
