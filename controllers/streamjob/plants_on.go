//go:build mutants

package streamjob

// Plants are bugs that the tests plant and must then find. They exist only in builds with the tag "mutants".
type Plants struct {
	// IgnoreDeletion looks away when a job is deleted.
	IgnoreDeletion bool
	// BeginEmpty lets no epoch begin from a savepoint.
	BeginEmpty bool
}

func (p Plants) ignoreDeletion() bool { return p.IgnoreDeletion }
func (p Plants) beginEmpty() bool     { return p.BeginEmpty }
