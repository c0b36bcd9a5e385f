// Package schedule says when something is due: cron as Kubernetes' own CronJobs read it, in a time zone. It is pure.
package schedule

import (
	"strings"
	"time"
	_ "time/tzdata" // the zones, where the system has none: images hold nothing but programs

	"github.com/robfig/cron/v3"

	"github.com/millrace/millrace/runtime/fault"
)

// UTC is the zone of a schedule that names none.
const UTC = "Etc/UTC"

// Schedule is the times at which something is due.
type Schedule struct {
	text  string
	times cron.Schedule
}

// Parse reads five fields (minute, hour, day and month, day of the week), or @hourly, @daily, @weekly, @monthly or @yearly, and the
// name of a zone as the time zone database has it. What is wrong is an error of kind User, whose place is the text's field or "timeZone".
func Parse(field, text, zone string) (*Schedule, error) {
	if zone == "" {
		zone = UTC
	}
	location, err := time.LoadLocation(zone)
	if err != nil || strings.EqualFold(zone, "Local") { // Local is the operator's, which nobody knows
		return nil, fault.New(fault.User, fault.InField("timeZone"), "%q is no time zone", zone).Do("write a name of the time zone database, as Europe/Berlin, or leave it out for UTC")
	}
	if strings.Contains(text, "TZ=") || strings.HasPrefix(text, "@every") { // the library's own zones, which also make it panic; and what begins with the operator
		return nil, fault.New(fault.User, fault.InField(field), "%q: neither a zone nor @every", text).Do("write five fields, as 0 3 * * *, and the zone in timeZone")
	}
	times, err := cron.ParseStandard(text)
	if err != nil {
		return nil, fault.New(fault.User, fault.InField(field), "%q: %v", text, err).Do("write minute, hour, day of the month, month and day of the week, as 0 3 * * *")
	}
	if s, ok := times.(*cron.SpecSchedule); ok {
		s.Location = location
	}
	s := &Schedule{text: text + " " + zone, times: times}
	if s.Next(time.Unix(0, 0)).IsZero() {
		return nil, fault.New(fault.User, fault.InField(field), "%q: no year has such a day", text).Do("write a day of the month that the month has")
	}
	return s, nil
}

// String is the schedule with its zone, for comparing.
func (s *Schedule) String() string { return s.text }

// Next returns the first time after t that is due. It is never zero.
func (s *Schedule) Next(t time.Time) time.Time { return s.times.Next(t).UTC() }
