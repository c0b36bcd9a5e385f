package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/controllers/schedule"
	"github.com/millrace/millrace/runtime/fault"
)

func TestASchedulesTimesAreThoseOfItsZone(t *testing.T) {
	cases := map[string]struct{ text, zone, after, want string }{
		"every quarter of an hour": {"*/15 * * * *", "", "2026-11-28T07:01:00Z", "2026-11-28T07:15:00Z"},
		"a time itself is over":    {"0 7 * * *", "", "2026-11-28T07:00:00Z", "2026-11-29T07:00:00Z"},
		"in Berlin, in winter":     {"0 3 * * *", "Europe/Berlin", "2026-11-28T07:00:00Z", "2026-11-29T02:00:00Z"},
		"in Berlin, in summer":     {"0 3 * * *", "Europe/Berlin", "2026-07-28T07:00:00Z", "2026-07-29T01:00:00Z"},
		"a name":                   {"@daily", "America/New_York", "2026-11-28T07:00:00Z", "2026-11-29T05:00:00Z"},
		"a leap day":               {"0 0 29 2 *", "", "2026-11-28T07:00:00Z", "2028-02-29T00:00:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, err := schedule.Parse("cron", c.text, c.zone)
			if err != nil {
				t.Fatal(err)
			}
			after, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Next(after).Format(time.RFC3339); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TZ= is in the library's own dialect, and without fields behind it the library panics.
func TestWhatIsNoScheduleIsRefusedWithItsField(t *testing.T) {
	for text, field := range map[string]string{
		"": "cron", "* * * *": "cron", "61 * * * *": "cron", "TZ=0": "cron", "CRON_TZ=UTC 0 3 * * *": "cron", "@every 1s": "cron", "0 0 31 2 *": "cron", "0 0 0 3 * *": "cron",
		"0 3 * * *|Berlin": "timeZone", "0 3 * * *|Local": "timeZone", "0 3 * * *|../etc/passwd": "timeZone",
	} {
		cron, zone, _ := strings.Cut(text, "|")
		_, err := schedule.Parse("cron", cron, zone)
		place, ok := fault.PlaceOf(err)
		if fault.KindOf(err) != fault.User || !ok || place.Field != field {
			t.Errorf("%q: %v at %v", text, err, place)
		}
	}
}
