package kernel_test

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/kernel"
)

// TestLikeAgreesWithRegexp compares random patterns on random strings with the same as regular expressions.
func TestLikeAgreesWithRegexp(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	text := func(letters string, most int) string {
		runes := []rune(letters)
		s := make([]rune, random.IntN(most))
		for i := range s {
			s[i] = runes[random.IntN(len(runes))]
		}
		return string(s)
	}
	var l kernel.Like
	for range 20_000 {
		pattern, s := text("abé%_%", 7), text("abé", 8)
		re := regexp.MustCompile("(?s)^" + strings.NewReplacer("%", ".*", "_", ".").Replace(pattern) + "$")
		if !l.Compile([]byte(pattern), kernel.NoEscape) {
			t.Fatalf("%q is refused", pattern)
		}
		if got := l.Match([]byte(s)); got != re.MatchString(s) {
			t.Fatalf("%q LIKE %q is %v", s, pattern, got)
		}
	}
}

func TestIntervalsReadBack(t *testing.T) {
	for text, want := range map[string]int64{
		"0 00:00:00":                 0,
		"1 02:03:04.5":               93784500000,
		"-1 02:03:04.500001":         -93784500001,
		"106751991 04:00:54.775807":  math.MaxInt64,
		"-106751991 04:00:54.775808": math.MinInt64,
		"-0 00:00:00.000001":         -1,
		"100 00:00:00":               100 * kernel.MicrosPerDay,
	} {
		got, ok := kernel.ParseInterval([]byte(text))
		if !ok || got != want {
			t.Errorf("%s is %d, %v, want %d", text, got, ok, want)
		}
		if back := string(kernel.AppendInterval(nil, want)); back != text {
			t.Errorf("%d is written %s, want %s", want, back, text)
		}
	}
	for text, want := range map[string]int64{"25:00:00": 25 * kernel.MicrosPerHour, "+01:30": 90 * kernel.MicrosPerMinute, " 0 00:00:01 ": kernel.MicrosPerSecond} {
		if got, ok := kernel.ParseInterval([]byte(text)); !ok || got != want {
			t.Errorf("%q is %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "1", "+1:30", "1 24:00:00", "1 1:00:00", "01:60:00", "01:00:60", "01:00:00.1234567", "106751991 04:00:54.775808", "999999999 00:00:00", "1 -01:00:00"} {
		if got, ok := kernel.ParseInterval([]byte(text)); ok {
			t.Errorf("%q is taken as %d", text, got)
		}
	}
}

func TestTimestampsReadBack(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	first, _ := kernel.ParseTimestamp([]byte("0001-01-01"))
	last, _ := kernel.ParseTimestamp([]byte("9999-12-31 23:59:59.999999"))
	pattern, _ := kernel.NewTimePattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS")
	for range 10_000 {
		micros := first + random.Int64N(last-first)
		if got, ok := kernel.ParseTimestamp(kernel.AppendTimestamp(nil, micros)); !ok || got != micros {
			t.Fatalf("%d comes back as %d", micros, got)
		}
		if got, ok := pattern.Parse(pattern.Append(nil, micros)); !ok || got != micros {
			t.Fatalf("%d comes back as %d by the pattern", micros, got)
		}
	}
	for _, text := range []string{"", "2013", "2013-1-1", "2013-01-01x", "2013-01-01 5", "2013-01-01 5:00", "2013-01-01 24:00", "2013-01-01 05:17:00.", "2013-01-01 05:17:00.1234567", "2013-13-01", "2100-02-29", "2013-01-01 05:17:60", "2013-01-01Z", "2013-01-01 Z", "+013-01-01"} {
		if got, ok := kernel.ParseTimestamp([]byte(text)); ok {
			t.Errorf("%q is taken as %s", text, kernel.AppendTimestamp(nil, got))
		}
	}
}

func TestNumbersReadAsStrconvReadsThem(t *testing.T) {
	for _, text := range []string{"0", "-0", "+7", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "99999999999999999999", "", "-", "+", "1a", "0x1", "1_0", "٣"} {
		want, err := strconv.ParseInt(text, 10, 64)
		got, ok := kernel.ParseInt([]byte(text))
		if ok != (err == nil) || ok && got != want {
			t.Errorf("%q is %d, %v, want %d, %v", text, got, ok, want, err)
		}
	}
	for text, want := range map[string]string{" 1.50 ": "1.5", "-1e-3": "-0.001", "NaN": "NaN", "-Infinity": "-Infinity", "1e400": "", "0x1p3": "", "inf": "", "1_0": "", ".5": "0.5", "": "", "e": "", "1e-400": "0"} {
		x, ok := kernel.ParseFloat([]byte(text))
		if got := string(kernel.AppendFloat(nil, x)); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %s, %v, want %s", text, got, ok, want)
		}
	}
}

func TestSubstringNeverLeavesTheString(t *testing.T) {
	s := []byte("aé\xffz")
	for _, start := range []int64{math.MinInt64, -9, -4, -1, 0, 1, 2, 4, 5, math.MaxInt64} {
		for _, length := range []int64{0, 1, 3, math.MaxInt64} {
			from, to := kernel.Substring(s, start, length)
			if from < 0 || to < from || to > len(s) || int64(len([]rune(string(s[from:to])))) > length {
				t.Errorf("from %d for %d: [%d, %d)", start, length, from, to)
			}
		}
	}
}
