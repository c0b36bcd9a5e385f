package verdict

import (
	"errors"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
)

// because is an error with the reason that conditions name it by.
type because struct {
	error
	reason string
}

// Unwrap returns the error itself.
func (b because) Unwrap() error { return b.error }

// Because gives an error a reason; nil stays nil.
func Because(reason string, err error) error {
	if err == nil {
		return nil
	}
	return because{err, reason}
}

// Named returns the reason that Because gave an error, and whether it did.
func Named(err error) (reason string, ok bool) {
	b, ok := errors.AsType[because](err)
	return b.reason, ok
}

// ReasonOf returns an error's reason, and by its kind where nobody gave it one.
func ReasonOf(err error) string {
	if reason, ok := Named(err); ok {
		return reason
	}
	if fault.KindOf(err) == fault.User {
		return v1alpha1.ReasonKafkaError
	}
	return v1alpha1.ReasonBrokersUnreachable
}

// OfStep is the verdict on a pass that decided on a step, which failed: as OfError, but for the reason where nobody gave it one, since a step need not have to do
// with Kafka.
func OfStep(err error) Verdict {
	v := OfError(err)
	if _, ok := Named(err); !ok {
		v.Reason = v1alpha1.ReasonStepFailed
	}
	return v
}

// OfError is the verdict on a pass that ended with an error: Stalled where somebody must correct something, and on the way
// where it may pass.
func OfError(err error) Verdict {
	v := Verdict{State: Reconciling, Reason: ReasonOf(err), Message: err.Error()}
	if fault.KindOf(err) == fault.User {
		v.State = Stalled
	}
	return v
}
