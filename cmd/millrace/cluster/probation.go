package cluster

import (
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
)

// showProbation writes what a new version has yet to prove, and that it has failed.
func showProbation(o *StatusOptions, t table, s *v1alpha1.StreamJobStatus) {
	switch p := s.Probation; {
	case s.Held != nil:
		t.field("Held", "at the last commit of epoch %d, %s ago", s.Epoch, since(o.Now, s.Held.Since.Time))
	case p == nil || p.Runtime == nil:
	case p.Until != nil:
		t.field("Probation", "until %s, or else back to the plan of epoch %d", p.Until.UTC().Format(time.RFC3339), p.Epoch)
	case p.Deadline != nil:
		t.field("Probation", "nothing is committed yet; back to the plan of epoch %d at %s unless all workers are ready", p.Epoch, p.Deadline.UTC().Format(time.RFC3339))
	}
}
