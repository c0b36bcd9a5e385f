//go:build mutants

package kafka

// Plants are bugs that the tests plant and must then find. They exist only in builds with the tag "mutants".
type Plants struct {
	// RestoreToStable makes Replay end at the last stable offset instead of the log's end.
	RestoreToStable bool
	// SkipOffsets leaves the offsets out of the transactions.
	SkipOffsets bool
}

func (p Plants) restoreToStable() bool { return p.RestoreToStable }

func (p Plants) skipOffsets() bool { return p.SkipOffsets }
