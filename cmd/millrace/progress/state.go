package progress

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// State is one look at a run.
type State struct {
	// Phase says what is being done, as "reading".
	Phase string
	// Fed is the share of the input that was read, 0 to 1; negative when its size is not known.
	Fed float64
	// RowsIn and RowsOut count rows processed and rows committed to the outputs.
	RowsIn, RowsOut int64
	// Lag is the number of records that wait in the job's input topics.
	Lag int64
	// Rate is in rows processed a second, over the last interval.
	Rate float64
	// Elapsed is the time since the run began.
	Elapsed time.Duration
}

// Line prints the state without colours or control characters.
func (s State) Line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", s.Phase)
	if s.Fed >= 0 {
		fmt.Fprintf(&b, " %3.0f%%", s.Fed*100)
	}
	fmt.Fprintf(&b, "  rows in %s  out %s  %s/s  lag %s  %s", Count(s.RowsIn), Count(s.RowsOut), Count(int64(s.Rate)), Count(s.Lag),
		s.Elapsed.Round(100*time.Millisecond))
	return b.String()
}

// Count prints a number with its thousands apart: 328 521.
func Count(n int64) string {
	if n < 0 {
		return "-" + Count(-n)
	}
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(d)
	}
	return b.String()
}
