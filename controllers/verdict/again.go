package verdict

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// Again is when to look again at what is not ready: the longer it has not been, the later, between least and most. The
// conditions hold since when, so that an operator that starts does not begin anew.
func Again(conditions []metav1.Condition, now time.Time, least, most time.Duration) time.Duration {
	const share = 4
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return least
	}
	return min(max(least, now.Sub(ready.LastTransitionTime.Time)/share), most)
}
