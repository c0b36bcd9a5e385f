//go:build !mutants

package kafka

// Plants are bugs that the tests plant and must then find. This build has none.
type Plants struct{}

func (Plants) restoreToStable() bool { return false }

func (Plants) skipOffsets() bool { return false }
