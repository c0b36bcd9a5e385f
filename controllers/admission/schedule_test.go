package admission_test

import (
	"testing"

	"github.com/millrace/millrace/api/v1alpha1"
)

func TestAScheduleThatCanNotBeReadIsRefusedWithItsField(t *testing.T) {
	scheduled := func(cron, zone string) func(*v1alpha1.StreamJob) {
		return func(j *v1alpha1.StreamJob) {
			j.Spec.Savepoints = &v1alpha1.Savepoints{URL: "file:///saves", Schedule: &v1alpha1.SavepointSchedule{Cron: cron, TimeZone: zone}}
		}
	}
	raised := func(start, end string) func(*v1alpha1.StreamJob) {
		return func(j *v1alpha1.StreamJob) {
			j.Spec.Autoscaling = &v1alpha1.Autoscaling{Schedules: []v1alpha1.ScalingSchedule{{Start: start, End: end, MinWorkers: 2}}}
		}
	}
	for name, c := range map[string]struct {
		now, old *v1alpha1.StreamJob
		want     []string
	}{
		"a cron":                   {job(scheduled("0 3 * * *", "Europe/Berlin")), nil, nil},
		"four fields":              {job(scheduled("0 3 * *", "")), nil, []string{"refused spec.savepoints.schedule.cron spec.savepoints.schedule.cron: \"0 3 * *\""}},
		"no such zone":             {job(scheduled("0 3 * * *", "Berlin")), nil, []string{"refused spec.savepoints.schedule.timeZone"}},
		"a change of other fields": {job(scheduled("0 3 * *", ""), func(j *v1alpha1.StreamJob) { j.Spec.Parallelism = 3 }), job(scheduled("0 3 * *", "")), []string{"warned spec.savepoints.schedule.cron"}},
		"more workers by day":      {job(raised("0 8 * * 1-5", "0 18 * * 1-5")), nil, nil},
		"till an hour of none":     {job(raised("0 8 * * *", "0 25 * * *")), nil, []string{"refused spec.autoscaling.schedules[0].end spec.autoscaling.schedules[0].end: \"0 25 * * *\""}},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			check(t, judge(&n).Job(c.now, c.old, topics(), nil), c.want)
		})
	}
}
