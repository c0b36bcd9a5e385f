package savepoints

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/millrace/millrace/runtime/types"
)

// lines is a table for people.
type lines struct{ w *tabwriter.Writer }

// table begins a table.
func table(w io.Writer) *lines {
	const gap = 2
	return &lines{tabwriter.NewWriter(w, 0, 0, gap, ' ', 0)}
}

// line adds a row.
func (l *lines) line(cells ...string) {
	_, _ = fmt.Fprintln(l.w, strings.Join(cells, "\t")) // an error comes with Flush
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// or is a text, or a dash for none.
func or(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// size is a number of bytes for people.
func size(n int64) string {
	const step = 1024
	if n < step {
		return number(n) + " B"
	}
	x, unit := float64(n), 0
	for x >= step && unit < len("KMGT") {
		x, unit = x/step, unit+1
	}
	return fmt.Sprintf("%.1f %ciB", x, "KMGT"[unit-1])
}

// watermark is a watermark for people.
func watermark(w types.Watermark) string {
	switch w {
	case types.NoWatermark:
		return "none yet"
	case types.EndOfInput:
		return "end of input"
	default:
		return time.UnixMicro(int64(w)).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	}
}
