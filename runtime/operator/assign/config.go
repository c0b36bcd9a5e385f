package assign

// Config says how rows are assigned.
type Config struct {
	// Time is the position of the TIMESTAMP column.
	Time int
	// SizeMicros is the window's length, above 0; OffsetMicros shifts its alignment from the epoch, in [0, size).
	SizeMicros   int64
	OffsetMicros int64
}
