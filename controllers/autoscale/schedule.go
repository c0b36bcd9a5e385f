package autoscale

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is a time that comes again and again, in which there are more workers at least.
type Schedule struct {
	// Start and End are cron expressions of five fields: minute, hour, day, month, weekday.
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

// holds says whether the end comes before the next start. A start or an end counts from its very moment on; a schedule that ends for good holds no more.
func (s *Schedule) holds(now time.Time) (bool, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return false, fmt.Errorf("timeZone: %w", err)
	}
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	start, err := parser.Parse(s.Start)
	if err != nil {
		return false, fmt.Errorf("start: %w", err)
	}
	end, err := parser.Parse(s.End)
	if err != nil {
		return false, fmt.Errorf("end: %w", err)
	}
	starts, ends := start.Next(now.In(zone)), end.Next(now.In(zone))
	switch {
	case ends.IsZero() || starts.IsZero(): // a day that there is not, such as 30 February
		return false, nil
	default:
		return ends.Before(starts), nil
	}
}
