package launch_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/millrace/launch"
	"github.com/millrace/millrace/test/locked"
)

const madeBids = `CREATE TABLE bids (bidder BIGINT, dateTime TIMESTAMP, WATERMARK FOR dateTime AS dateTime - INTERVAL '1' SECOND)
WITH ('connector' = 'nexmark', 'table' = 'bid', `

func TestARunOverRowsThatAreMadeNeedsNoInputAndEnds(t *testing.T) {
	for name, workers := range map[string]int{"one worker": 1, "two workers": 2} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			o := run(ctx, launch.Options{
				SQL: file(t, "q.sql", madeBids+`'events' = '100000', 'out-of-order' = '1000');
SELECT window_start, COUNT(*) AS bids FROM TUMBLE(TABLE bids, DESCRIPTOR(dateTime), INTERVAL '3' SECOND) GROUP BY window_start, window_end;`),
				Parallelism: workers,
			})
			if o.err != nil {
				t.Fatal(o.err)
			}
			want := []string{ // 46 of 50 of 10 000 events a second
				`{"window_start":"2015-07-15T00:00:00Z","bids":27600}`,
				`{"window_start":"2015-07-15T00:00:03Z","bids":27600}`,
				`{"window_start":"2015-07-15T00:00:06Z","bids":27600}`,
				`{"window_start":"2015-07-15T00:00:09Z","bids":9200}`,
			}
			if got := sorted(o.stdout); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// watched is an output that says when it has so many lines.
type watched struct {
	locked.Buffer
	wanted  int
	reached func()
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Count(w.String(), "\n") >= w.wanted {
		w.reached()
	}
	return n, err
}

func TestRowsThatAreMadeWithoutEndFlowUntilTheInterrupt(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	rows := &watched{wanted: 100, reached: cancel}
	var stderr locked.Buffer
	err := launch.Run(ctx, launch.Options{
		SQL: file(t, "q.sql", madeBids+`'rate' = '2000', 'splits' = '2'); SELECT bidder FROM bids;`), Stdin: strings.NewReader(""), Stdout: rows, Stderr: &stderr, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(rows.String()), "\n")
	if len(lines) < rows.wanted {
		t.Errorf("%d rows", len(lines))
	}
	for _, line := range lines {
		var row struct{ Bidder int64 }
		if err := json.Unmarshal([]byte(line), &row); err != nil || row.Bidder < 1000 {
			t.Fatalf("%v: %s", err, line)
		}
	}
}
