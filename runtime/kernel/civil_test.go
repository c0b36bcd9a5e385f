package kernel_test

import (
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/kernel"
)

// TestCalendarIsThatOfTheTimePackage compares every 97th day of some 12000 years, and each day around the epoch.
func TestCalendarIsThatOfTheTimePackage(t *testing.T) {
	check := func(days int64) {
		at := time.Unix(days*86400, 0).UTC()
		year, month, day := kernel.Civil(days)
		if at.Year() != int(year) || at.Month() != time.Month(month) || at.Day() != int(day) {
			t.Fatalf("day %d is %d-%d-%d, want %v", days, year, month, day, at)
		}
		if back := kernel.Days(year, month, day); back != days {
			t.Fatalf("day %d comes back as %d", days, back)
		}
		if got := kernel.YearDay(days); int(got) != at.YearDay() {
			t.Fatalf("%v is day %d of the year", at, got)
		}
		if _, week := at.ISOWeek(); int64(week) != kernel.ISOWeek(days) {
			t.Fatalf("%v is in week %d, want %d", at, kernel.ISOWeek(days), week)
		}
		if got := (kernel.Weekday(days) + 1) % 7; got != int64(at.Weekday()) {
			t.Fatalf("%v is weekday %d", at, got)
		}
		last := time.Date(int(year), time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if got := kernel.DaysInMonth(year, month); int(got) != last {
			t.Fatalf("month %d-%d has %d days, want %d", year, month, got, last)
		}
	}
	for days := int64(-2_500_000); days < 2_000_000; days += 97 {
		check(days)
	}
	for days := int64(-40_000); days < 40_000; days++ {
		check(days)
	}
}

func TestTruncateAndCeilBoundATime(t *testing.T) {
	units := map[string]kernel.Unit{
		"year": kernel.Year, "quarter": kernel.Quarter, "month": kernel.Month, "week": kernel.Week, "day": kernel.Day,
		"hour": kernel.Hour, "minute": kernel.Minute, "second": kernel.Second, "millisecond": kernel.Millisecond,
	}
	for name, unit := range units {
		for micros := int64(-200_000_000_000_000_000); micros < 200_000_000_000_000_000; micros += 1_234_567_890_123_457 {
			low, ok := unit.Truncate(micros)
			high, fine := unit.Ceil(micros)
			if !ok || !fine || low > micros || high < micros {
				t.Fatalf("%s: %d is between %d and %d", name, micros, low, high)
			}
			if low == micros {
				continue
			}
			// The start's own start is itself, and the moment before the next start is in the same unit.
			again, _ := unit.Truncate(low)
			before, _ := unit.Truncate(high - 1)
			if again != low || before != low {
				t.Fatalf("%s: %d starts at %d, which starts at %d; %d starts at %d", name, micros, low, again, high-1, before)
			}
			if start, _ := unit.Ceil(high); start != high {
				t.Fatalf("%s: %d is no start", name, high)
			}
		}
	}
}
