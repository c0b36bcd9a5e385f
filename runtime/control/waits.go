package control

// Waits says what a task takes no input for.
type Waits string

// What tasks wait for.
const (
	WaitsForNothing   Waits = ""
	WaitsForSavepoint Waits = "Savepoint" // all tasks are to be cut first, or the job is stopped by it
	WaitsForState     Waits = "State"     // its state is taken over from a savepoint
	WaitsForWatermark Waits = "Watermark" // it is ahead of the slowest source by more than maxWatermarkDrift
	WaitsAtEnd        Waits = "End"       // its input has ended: the job was drained, or what is made has an end
	WaitsForExchange  Waits = "Exchange"  // the exchange that it writes to is not read fast enough
)
