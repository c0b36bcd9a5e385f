package launch_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/cmd/millrace/launch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/test/locked"
)

const bidsTable = `CREATE TABLE bids (bidder BIGINT, price BIGINT, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '4' SECOND)
WITH ('topic' = 'bids', 'format' = 'json');
`

// Rows in the order of the file: one behind by less than the watermark's delay, and the last one late.
const bidRows = `{"bidder":7,"price":150,"at":"2024-01-01T00:00:01Z"}
{"bidder":7,"price":50,"at":"2024-01-01T00:00:02Z"}
{"bidder":8,"price":950,"at":"2024-01-01T00:00:12Z"}
{"bidder":7,"price":250,"at":"2024-01-01T00:00:09Z"}
{"bidder":8,"price":951,"at":"2024-01-01T00:00:15Z"}
{"bidder":7,"price":350,"at":"2024-01-01T00:00:08Z"}
`

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// outcome is what a run leaves.
type outcome struct {
	stdout, stderr string
	err            error
}

func run(ctx context.Context, o launch.Options) outcome {
	var stdout, stderr locked.Buffer
	o.Stdin, o.Stdout, o.Stderr, o.Logger = strings.NewReader(""), &stdout, &stderr, slog.New(slog.DiscardHandler)
	err := launch.Run(ctx, o)
	return outcome{stdout.String(), stderr.String(), err}
}

func sorted(lines string) []string {
	list := strings.Split(strings.TrimSpace(lines), "\n")
	slices.Sort(list)
	return list
}

func TestASelectGoesToTheStandardOutput(t *testing.T) {
	cases := map[string]struct {
		query string
		want  []string
		late  string
	}{
		"a filter and a projection": {
			"SELECT bidder, price * 2 AS twice FROM bids WHERE price > 300;",
			[]string{`{"bidder":7,"twice":700}`, `{"bidder":8,"twice":1900}`, `{"bidder":8,"twice":1902}`},
			"late rows             0",
		},
		"tumbling counts, disorder and a late row": {
			"SELECT bidder, window_start, COUNT(*) AS n FROM TUMBLE(TABLE bids, DESCRIPTOR(at), INTERVAL '10' SECOND) GROUP BY bidder, window_start, window_end;",
			[]string{`{"bidder":7,"window_start":"2024-01-01T00:00:00Z","n":3}`, `{"bidder":8,"window_start":"2024-01-01T00:00:10Z","n":2}`},
			"late rows             1",
		},
	}
	for name, c := range cases {
		for _, parallelism := range []int{1, 2} {
			t.Run(name, func(t *testing.T) {
				got := run(t.Context(), launch.Options{
					SQL: file(t, "q.sql", bidsTable+c.query), Inputs: []launch.Binding{{Topic: "bids", File: file(t, "bids.jsonl", bidRows)}},
					Outputs: []launch.Binding{{File: "-"}}, Parallelism: parallelism,
				})
				if got.err != nil {
					t.Fatal(got.err)
				}
				if lines := sorted(got.stdout); !slices.Equal(lines, c.want) {
					t.Errorf("got %q, want %q", lines, c.want)
				}
				if !strings.Contains(got.stderr, c.late) {
					t.Errorf("the summary does not say %q:\n%s", c.late, got.stderr)
				}
			})
		}
	}
}

func TestTheExampleCountsEveryDeparture(t *testing.T) {
	const example = "../../../examples/flights"
	out := filepath.Join(t.TempDir(), "out.jsonl")
	got := run(t.Context(), launch.Options{
		Manifests: []string{example}, Inputs: []launch.Binding{{Topic: "flights", File: example + "/flights.jsonl.gz"}},
		Outputs: []launch.Binding{{Topic: "delays_by_carrier", File: out}},
	})
	if got.err != nil {
		t.Fatal(got.err)
	}
	for _, want := range []string{"rows in          11 181", "rows out          2 319", "late rows             0"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("the summary does not say %q:\n%s", want, got.stderr)
		}
	}
}

func TestMistakesAreOneErrorWithItsPlace(t *testing.T) {
	query := file(t, "q.sql", bidsTable+"SELECT bidder FROM bids;")
	rows := file(t, "bids.jsonl", bidRows)
	bids := []launch.Binding{{Topic: "bids", File: rows}}
	cases := map[string]struct {
		options launch.Options
		want    string
	}{
		"an unknown column":       {launch.Options{SQL: file(t, "q.sql", bidsTable+"SELECT prize FROM bids;"), Inputs: bids}, "q.sql:3:8: unknown column prize in bids; did you mean price?"},
		"no such query file":      {launch.Options{SQL: "none.sql", Inputs: bids}, "none.sql: no such file"},
		"no such input":           {launch.Options{SQL: query, Inputs: []launch.Binding{{Topic: "bids", File: "none.jsonl"}}}, "none.jsonl: no such file"},
		"a topic nobody reads":    {launch.Options{SQL: query, Inputs: []launch.Binding{{Topic: "bidz", File: rows}}}, `the job does not use topic "bidz"; did you mean "bids"?`},
		"an input given twice":    {launch.Options{SQL: query, Inputs: append(bids, bids...)}, `topic "bids" is given twice`},
		"no input":                {launch.Options{SQL: query}, `nothing fills topic "bids" on the embedded broker; give --input bids=FILE`},
		"a broker without a port": {launch.Options{SQL: query, Kafka: "localhost"}, `--kafka: "localhost" is not HOST:PORT`},
		"a record that is no row": {
			launch.Options{SQL: query, Inputs: []launch.Binding{{Topic: "bids", File: file(t, "bad.jsonl", bidRows+`{"bidder":"x"}`)}}},
			`bad.jsonl:7:1: bids/0/6: a row cannot be processed: column "bidder": expected BIGINT, found a string`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := run(t.Context(), c.options)
			if got.err == nil || !strings.Contains(got.err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", got.err, c.want)
			}
			if kind := fault.KindOf(got.err); kind != fault.User && kind != fault.Data {
				t.Errorf("kind %v, want the user's", kind)
			}
			if got.stdout != "" {
				t.Errorf("something was written: %s", got.stdout)
			}
		})
	}
}

func TestAnOutputFileIsNotMadeForAWrongQuery(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.jsonl")
	got := run(t.Context(), launch.Options{
		SQL: file(t, "q.sql", bidsTable+"SELECT prize FROM bids;"), Inputs: []launch.Binding{{Topic: "bids", File: file(t, "bids.jsonl", bidRows)}},
		Outputs: []launch.Binding{{Topic: "results", File: out}},
	})
	if got.err == nil {
		t.Fatal("no error")
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the output is there: %v", err)
	}
}

// An interrupt commits what was read and leaves: what came out before is there, and it is no error.
func TestAnInterruptCommitsAndLeaves(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "bids"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for line := range strings.Lines(bidRows) {
		record := &kgo.Record{Topic: "bids", Value: []byte(strings.TrimSpace(line))}
		if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	stdout := &locked.Buffer{}
	done := make(chan error, 1)
	go func() {
		done <- launch.Run(ctx, launch.Options{
			SQL: file(t, "q.sql", bidsTable+"SELECT bidder FROM bids;"), Kafka: cluster.ListenAddrs()[0],
			Stdin: strings.NewReader(""), Stdout: stdout, Stderr: io.Discard, Logger: slog.New(slog.DiscardHandler),
		})
	}()
	deadline := time.Now().Add(30 * time.Second)
	for strings.Count(stdout.String(), "\n") < 6 {
		select {
		case err := <-done:
			t.Fatalf("ended by itself: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("six rows did not come: %q", stdout.String())
		}
	}
	interrupt()
	if err := <-done; err != nil {
		t.Errorf("an interrupt is an error: %v", err)
	}
}
