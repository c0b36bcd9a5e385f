package autoscale

import (
	"fmt"
	"time"

	"github.com/millrace/millrace/controllers/schedule"
)

// Schedule is a time that comes again and again, in which there are more workers at least.
type Schedule struct {
	// Start and End are cron expressions, as package schedule reads them.
	Start, End string
	// Zone is a time zone by its IANA name; empty is UTC.
	Zone string
	// Min is the least number of workers meanwhile.
	Min int
}

// Floor is the largest Min of the schedules that hold now, and 0 where none does. One that can't be read is an error, which says what is wrong with it.
func Floor(now time.Time, schedules []Schedule) (int, error) {
	floor := 0
	for i := range schedules {
		holds, err := schedules[i].holds(now)
		if err != nil {
			return 0, fmt.Errorf("schedules[%d].%w", i, err)
		}
		if holds {
			floor = max(floor, schedules[i].Min)
		}
	}
	return floor, nil
}

// holds says whether the end comes before the next start. A start or an end counts from its very moment on.
func (s *Schedule) holds(now time.Time) (bool, error) {
	start, err := schedule.Parse("start", s.Start, s.Zone)
	if err != nil {
		return false, err
	}
	end, err := schedule.Parse("end", s.End, s.Zone)
	if err != nil {
		return false, err
	}
	return end.Next(now).Before(start.Next(now)), nil
}
