package admission

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/schedule"
	"github.com/millrace/millrace/runtime/fault"
)

// schedules are about times that can't be read: of savepoints, and of the least number of workers.
func (a *Answer) schedules(now, old *v1alpha1.StreamJob) {
	before := &v1alpha1.StreamJob{}
	if old != nil {
		before = old
	}
	if s := now.Spec.Savepoints; s != nil && s.Schedule != nil {
		touched := before.Spec.Savepoints == nil || !equality.Semantic.DeepEqual(s.Schedule, before.Spec.Savepoints.Schedule)
		a.scheduled("spec.savepoints.schedule", touched, "cron", s.Schedule.Cron, s.Schedule.TimeZone)
	}
	if s := now.Spec.Autoscaling; s != nil {
		touched := before.Spec.Autoscaling == nil || !equality.Semantic.DeepEqual(s.Schedules, before.Spec.Autoscaling.Schedules)
		for i, t := range s.Schedules {
			path := fmt.Sprintf("spec.autoscaling.schedules[%d]", i)
			if a.scheduled(path, touched, "start", t.Start, t.TimeZone) {
				a.scheduled(path, touched, "end", t.End, t.TimeZone)
			}
		}
	}
}

// scheduled is about one field of an object of the spec, and says whether it can be read.
func (a *Answer) scheduled(path string, touched bool, field, text, zone string) bool {
	_, err := schedule.Parse(field, text, zone)
	if err == nil {
		return true
	}
	place, _ := fault.PlaceOf(err)
	place.Field = path + "." + place.Field
	o := lifecycle.Obstacle{Reason: v1alpha1.ReasonInvalidSchedule, Message: path + "." + err.Error()}
	a.object(o, fault.New(fault.User, place, "%v", err).Do("%s", remedy(err)), place.Field, touched)
	return false
}
