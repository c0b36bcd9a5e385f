package lifecycle

import (
	"fmt"
	"time"

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

// UnmadeGrace is how long pods may be in coming before it is said: a StatefulSet's controller makes them within a second or two.
const UnmadeGrace = 30 * time.Second

// Unmade is how many pods a StatefulSet asks for that are not there, and for how long it has had fewer than it asks for, as far as is known.
type Unmade struct {
	Pods, Of int32
	For      time.Duration
}

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
	if u := o.Unmade; !first.Is() && u.For >= UnmadeGrace {
		return Trouble{v1alpha1.ReasonPodsMissing, fmt.Sprintf("%d of %d pods have not been made: a ResourceQuota, a LimitRange or an admission policy may forbid them: "+
			"kubectl -n %s describe statefulset -l %s says which", u.Pods, u.Of, o.Job.Namespace, o.Job.Status.Selector)}
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
