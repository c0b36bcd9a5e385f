package verdict

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// maxMessage is the largest length in bytes that the API server takes for a condition's message.
const maxMessage = 32768

// State is how an object stands to its spec.
type State uint8

// The states.
const (
	// Ready is as the spec says.
	Ready State = iota
	// Reconciling is on the way there, by itself.
	Reconciling
	// Stalled does not get there without a change by the user.
	Stalled
	// Resting is as the spec says, which wants no workers.
	Resting
)

// Verdict is the outcome of a pass: the state, a reason for programs and a message that says what to do.
type Verdict struct {
	State   State
	Reason  string
	Message string
}

// Apply writes the verdict into conditions, as seen at a generation and a time. An object that rests has no Ready condition:
// with a false one it would never be what kstatus calls current.
func (v Verdict) Apply(conditions *[]metav1.Condition, generation int64, now time.Time) {
	for _, c := range []struct {
		name  string
		state State
	}{{v1alpha1.ConditionReconciling, Reconciling}, {v1alpha1.ConditionStalled, Stalled}, {v1alpha1.ConditionSuspended, Resting}} {
		if v.State == c.state {
			Set(conditions, c.name, true, v.Reason, v.Message, generation, now)
		} else {
			meta.RemoveStatusCondition(conditions, c.name)
		}
	}
	if v.State == Resting {
		meta.RemoveStatusCondition(conditions, v1alpha1.ConditionReady)
		return
	}
	Set(conditions, v1alpha1.ConditionReady, v.State == Ready, v.Reason, v.Message, generation, now)
}

// Set writes one condition. Its transition time moves only when its status does.
func Set(conditions *[]metav1.Condition, name string, holds bool, reason, message string, generation int64, now time.Time) {
	status := metav1.ConditionFalse
	if holds {
		status = metav1.ConditionTrue
	}
	if len(message) > maxMessage {
		message = message[:maxMessage]
	}
	c := metav1.Condition{
		Type: name, Status: status, Reason: reason, Message: message, ObservedGeneration: generation,
		LastTransitionTime: metav1.NewTime(now.Truncate(time.Second)),
	}
	if old := meta.FindStatusCondition(*conditions, name); old != nil && old.Status == status {
		c.LastTransitionTime = old.LastTransitionTime
	}
	meta.SetStatusCondition(conditions, c)
}

// Reason returns the reason of a condition, or "".
func Reason(conditions []metav1.Condition, name string) string {
	if c := meta.FindStatusCondition(conditions, name); c != nil {
		return c.Reason
	}
	return ""
}
