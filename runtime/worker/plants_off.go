//go:build !mutants

package worker

// Plants are bugs that the tests plant and must then find. This build has none.
type Plants struct{}

func (Plants) rewindOnUnknown() bool { return false }
