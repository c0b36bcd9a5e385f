package admission

import (
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/schedule"
	"github.com/millrace/millrace/runtime/fault"
)

// schedule is about a schedule of savepoints that can't be read.
func (a *Answer) schedule(now, old *v1alpha1.StreamJob) {
	s := now.Spec.Savepoints
	if s == nil || s.Schedule == nil {
		return
	}
	_, err := schedule.Parse(s.Schedule.Cron, s.Schedule.TimeZone)
	if err == nil {
		return
	}
	place, _ := fault.PlaceOf(err)
	place.Field = "spec.savepoints.schedule." + place.Field
	touched := old == nil || old.Spec.Savepoints == nil || !equality.Semantic.DeepEqual(s.Schedule, old.Spec.Savepoints.Schedule)
	o := lifecycle.Obstacle{Reason: v1alpha1.ReasonInvalidSchedule, Message: "spec.savepoints.schedule." + err.Error()}
	a.object(o, fault.New(fault.User, place, "%v", err).Do("%s", remedy(err)), place.Field, touched)
}
