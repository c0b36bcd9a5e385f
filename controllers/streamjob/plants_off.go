//go:build !mutants

package streamjob

// Plants are bugs that the tests plant and must then find. This build has none.
type Plants struct{}

func (Plants) ignoreDeletion() bool { return false }
func (Plants) beginEmpty() bool     { return false }
