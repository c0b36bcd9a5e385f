package task

// Progress counts what a task has done since it was opened: committed work plus what is open. After a rollback the
// open part is gone again.
type Progress struct {
	// RecordsIn are records taken from Kafka; RowsIn are rows that decoded.
	RecordsIn, RowsIn int64
	// RowsOut are rows written to sinks and exchanges.
	RowsOut int64
	// Late are rows that no window took any more, LatenessMicros the largest distance of one from its watermark.
	Late, LatenessMicros int64
	// Bad are records and rows left out by the Skip policy.
	Bad int64
}

// Plus returns the sum of two counts.
func (p Progress) Plus(q Progress) Progress {
	return Progress{
		RecordsIn: p.RecordsIn + q.RecordsIn, RowsIn: p.RowsIn + q.RowsIn, RowsOut: p.RowsOut + q.RowsOut,
		Late: p.Late + q.Late, LatenessMicros: max(p.LatenessMicros, q.LatenessMicros), Bad: p.Bad + q.Bad,
	}
}
