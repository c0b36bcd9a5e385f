package expr

// RowError is an error of one row: the expression has no value there.
type RowError struct {
	// Row is the position in the batch.
	Row int32
	// Err is a *fault.Error of kind Data, with line and column of the call that failed when they are known.
	Err error
}
