package lifecycle

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// Trouble is why a worker's container does not run; the zero value is that it does, or that nothing speaks against it.
type Trouble struct {
	// Reason is one of the API's reasons, or empty.
	Reason string
	// Message says what Kubernetes says of it, in a line of bounded length.
	Message string
}

// Is says whether there is trouble.
func (t Trouble) Is() bool { return t.Reason != "" }

// failing writes the condition about workers that do not run, and takes it off when all do.
func failing(o *Observed, s *v1alpha1.StreamJobStatus) {
	t := trouble(o, s.Epoch)
	if !t.Is() {
		meta.RemoveStatusCondition(&s.Conditions, v1alpha1.ConditionWorkersFailing)
		return
	}
	verdict.Set(&s.Conditions, v1alpha1.ConditionWorkersFailing, true, t.Reason, t.Message, o.Job.Generation, o.Now)
}

// trouble sums up what an epoch's workers suffer from: the first one's, and how many more there are.
func trouble(o *Observed, epoch int64) Trouble {
	first, more := Trouble{}, 0
	for i := range o.Pods {
		p := &o.Pods[i]
		switch {
		case p.Epoch != epoch || p.Ready || p.Terminating || !p.Trouble.Is():
		case !first.Is():
			first = Trouble{p.Trouble.Reason, p.Name + ": " + p.Trouble.Message}
		default:
			more++
		}
	}
	switch more {
	case 0:
	case 1:
		first.Message += " (and another worker)"
	default:
		first.Message += fmt.Sprintf(" (and %d more workers)", more)
	}
	return first
}
