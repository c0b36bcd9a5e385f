package exchange

// Bounds of what is written, and of what a reader takes.
const (
	// DefaultRecordBytes is where records are split; Kafka's brokers take 1 MiB by default.
	DefaultRecordBytes = 512 << 10
	// DefaultTotalBytes is how much a writer holds back over all partitions before it writes all of it.
	DefaultTotalBytes = 32 << 20
	// MaxRowBytes is the largest row that is moved; a larger one is a bad row.
	MaxRowBytes = 900 << 10
	// MaxRows is the largest number of rows in a record.
	MaxRows = 1 << 14
	// maxChannels bounds channels and marks.
	maxChannels = 1 << 16
)
