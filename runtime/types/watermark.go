package types

import "math"

// Watermark is an event time in microseconds since the epoch: every row with an earlier event time has been seen.
type Watermark int64

// The two ends of the range.
const (
	// NoWatermark is a stream of which nothing has been heard: -infinity.
	NoWatermark Watermark = math.MinInt64
	// EndOfInput is a bounded input read to its end: +infinity.
	EndOfInput Watermark = math.MaxInt64
)
