package autoscale_test

import (
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/controllers/autoscale"
)

func TestAScheduleHoldsFromItsStartToItsEnd(t *testing.T) {
	office := autoscale.Schedule{Start: "0 8 * * 1-5", End: "0 18 * * 1-5", Zone: "Europe/Zurich", Min: 8}
	night := autoscale.Schedule{Start: "30 22 * * *", End: "0 4 * * *", Min: 3}
	noon := autoscale.Schedule{Start: "0 12 * * *", End: "0 13 * * *", Zone: "Europe/Zurich", Min: 20}
	for at, want := range map[string]int{
		"2026-11-27T06:59:59Z": 0, // a Friday; Zurich is an hour ahead
		"2026-11-27T07:00:00Z": 8,
		"2026-11-27T11:30:00Z": 20,
		"2026-11-27T16:59:59Z": 8,
		"2026-11-27T17:00:00Z": 0,
		"2026-11-27T23:00:00Z": 3,
		"2026-11-28T03:59:00Z": 3,
		"2026-11-28T10:00:00Z": 0, // a Saturday
		"2026-07-03T06:30:00Z": 8, // summer time: two hours
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := autoscale.Floor(now, []autoscale.Schedule{office, night, noon}); err != nil || got != want {
			t.Errorf("%s: got %d, want %d: %v", at, got, want, err)
		}
	}
}

func TestAScheduleThatCannotBeReadIsSaid(t *testing.T) {
	good := autoscale.Schedule{Start: "0 8 * * *", End: "0 9 * * *", Min: 1}
	for want, spoil := range map[string]func(*autoscale.Schedule){
		"schedules[1].start: ":                      func(s *autoscale.Schedule) { s.Start = "0 25 * * *" },
		"schedules[1].end: \"0 9 30 2 *\": no year": func(s *autoscale.Schedule) { s.End = "0 9 30 2 *" },
		"schedules[1].end: ":                        func(s *autoscale.Schedule) { s.End = "@every 1s" },
		"schedules[1].timeZone: ":                   func(s *autoscale.Schedule) { s.Zone = "Europe/Atlantis" },
	} {
		bad := good
		spoil(&bad)
		if _, err := autoscale.Floor(time.Unix(0, 0), []autoscale.Schedule{good, bad}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
