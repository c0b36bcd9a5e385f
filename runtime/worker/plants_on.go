//go:build mutants

package worker

// Plants are bugs that the tests plant and must then find. They exist only in builds with the tag "mutants".
type Plants struct {
	// RewindOnUnknown takes an unknown outcome of a commit for an abort.
	RewindOnUnknown bool
}

func (p Plants) rewindOnUnknown() bool { return p.RewindOnUnknown }
