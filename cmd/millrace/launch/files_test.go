package launch_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/cmd/millrace/launch"
	"github.com/millrace/millrace/runtime/fault"
)

const bidCSV = `price,at,bidder,channel
150,2024-01-01 00:00:01,7,web
50,2024-01-01T00:00:02Z,7,
,2024-01-01 00:00:12,8,"a, ""b"""
`

// content returns what is in a file, unpacked as its name says.
func content(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var r io.Reader = f
	switch filepath.Ext(path) {
	case ".gz":
		r, err = gzip.NewReader(f)
	case ".zst":
		r, err = zstd.NewReader(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const channelsTable = `CREATE TABLE bids (bidder BIGINT, channel STRING, price BIGINT, at TIMESTAMP) WITH ('topic' = 'bids', 'format' = 'json');
`

func TestFilesOfEveryKindGiveTheSameRows(t *testing.T) {
	input := file(t, "bids.csv", bidCSV)
	query := channelsTable + "SELECT bidder, channel, price * 2 AS twice, at FROM bids;"
	json := strings.Join([]string{
		`{"bidder":7,"channel":"web","twice":300,"at":"2024-01-01T00:00:01Z"}`,
		`{"bidder":7,"channel":null,"twice":100,"at":"2024-01-01T00:00:02Z"}`,
		`{"bidder":8,"channel":"a, \"b\"","twice":null,"at":"2024-01-01T00:00:12Z"}`, "",
	}, "\n")
	csv := "bidder,channel,twice,at\n7,web,300,2024-01-01 00:00:01\n7,,100,2024-01-01 00:00:02\n8,\"a, \"\"b\"\"\",,2024-01-01 00:00:12\n"
	cases := map[string]struct {
		output  string
		changes bool
		want    string
	}{
		"JSON lines":            {"o.jsonl", false, json},
		"JSON lines in gzip":    {"o.jsonl.gz", false, json},
		"JSON lines in zstd":    {"o.jsonl.zst", false, json},
		"CSV":                   {"o.csv", false, csv},
		"CSV in gzip":           {"o.csv.gz", false, csv},
		"CSV in zstd":           {"o.csv.zst", false, csv},
		"changes as JSON lines": {"o.jsonl", true, strings.ReplaceAll(json, `{"b`, `{"op":"+I","b`)},
		"changes as CSV":        {"o.csv", true, "op," + strings.ReplaceAll(strings.ReplaceAll(csv, "\n7", "\n+I,7"), "\n8", "\n+I,8")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), c.output)
			got := run(t.Context(), launch.Options{
				SQL: file(t, "q.sql", query), Inputs: []launch.Binding{{Topic: "bids", File: input}},
				Outputs: []launch.Binding{{Topic: "results", File: out}}, Changes: c.changes,
			})
			if got.err != nil {
				t.Fatal(got.err)
			}
			if text := content(t, out); text != c.want {
				t.Errorf("got\n%swant\n%s", text, c.want)
			}
		})
	}
}

// What one run writes as Parquet another reads: the rows are those of the first run's input.
func TestParquetGoesAround(t *testing.T) {
	columns := "bidder, channel, price, at"
	first := filepath.Join(t.TempDir(), "first.parquet")
	for _, step := range []struct{ input, output string }{{file(t, "bids.csv", bidCSV), first}, {first, "-"}} {
		got := run(t.Context(), launch.Options{
			SQL: file(t, "q.sql", channelsTable+"SELECT "+columns+" FROM bids;"), Inputs: []launch.Binding{{Topic: "bids", File: step.input}},
			Outputs: []launch.Binding{{Topic: "results", File: step.output}}, Changes: step.output != "-", Layout: launch.LayoutCSV,
		})
		if got.err != nil {
			t.Fatal(got.err)
		}
		if want := "bidder,channel,price,at\n7,web,150,2024-01-01 00:00:01\n7,,50,2024-01-01 00:00:02\n8,\"a, \"\"b\"\"\",,2024-01-01 00:00:12\n"; step.output == "-" && got.stdout != want {
			t.Errorf("got\n%swant\n%s", got.stdout, want)
		}
	}
}

func TestLayoutsOfTheStandardOutput(t *testing.T) {
	for name, c := range map[string]struct {
		layout  launch.Layout
		changes bool
		want    []string
	}{
		"CSV":                {launch.LayoutCSV, false, []string{"bidder", "7", "7", "8"}},
		"a table":            {launch.LayoutTable, false, []string{"BIDDER", "     7", "     7", "     8"}},
		"changes in a table": {launch.LayoutTable, true, []string{"OP      BIDDER", "+I           7", "+I           7", "+I           8"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t.Context(), launch.Options{
				SQL: file(t, "q.sql", channelsTable+"SELECT bidder FROM bids;"), Inputs: []launch.Binding{{Topic: "bids", File: file(t, "bids.csv", bidCSV)}},
				Outputs: []launch.Binding{{File: "-"}}, Layout: c.layout, Changes: c.changes,
			})
			if got.err != nil {
				t.Fatal(got.err)
			}
			if lines := strings.Split(strings.TrimRight(got.stdout, "\n"), "\n"); !slices.Equal(lines, c.want) {
				t.Errorf("got %q, want %q", lines, c.want)
			}
		})
	}
}

func TestAResultWithoutRowsStillHasItsColumns(t *testing.T) {
	out := filepath.Join(t.TempDir(), "o.csv")
	got := run(t.Context(), launch.Options{
		SQL: file(t, "q.sql", channelsTable+"SELECT bidder, price FROM bids WHERE price > 1000;"), Inputs: []launch.Binding{{Topic: "bids", File: file(t, "bids.csv", bidCSV)}},
		Outputs: []launch.Binding{{Topic: "results", File: out}},
	})
	if got.err != nil {
		t.Fatal(got.err)
	}
	if text := content(t, out); text != "bidder,price\n" {
		t.Errorf("got %q", text)
	}
}

func TestMistakesInFilesHaveTheirPlace(t *testing.T) {
	query := file(t, "q.sql", channelsTable+"SELECT 10 / price AS share FROM bids;")
	bids := func(name, text string) []launch.Binding {
		return []launch.Binding{{Topic: "bids", File: file(t, name, text)}}
	}
	for name, c := range map[string]struct {
		options launch.Options
		want    string
	}{
		"a wrong value":               {launch.Options{SQL: query, Inputs: bids("bids.csv", bidCSV+"1,x,2,\n")}, `bids.csv:5:3: column "at": expected a time such as`},
		"a file without a header":     {launch.Options{SQL: query, Inputs: bids("bids.csv", "1,2\n")}, "bids.csv:1:1: the first line names no column of the table; the columns are bidder, channel, price, at"},
		"a row that the query fails":  {launch.Options{SQL: query, Inputs: bids("bids.csv", "price,channel\n1,\"two\nlines\"\n\n0,\n")}, "bids.csv:5:1: bids/0/1: "},
		"text that is no Parquet":     {launch.Options{SQL: query, Inputs: bids("bids.parquet", bidCSV)}, "bids.parquet: read as Parquet: "},
		"an empty Parquet file":       {launch.Options{SQL: query, Inputs: bids("bids.parquet", "")}, "bids.parquet: is empty or no regular file"},
		"a kind of file that is none": {launch.Options{SQL: query, Inputs: bids("bids.xlsx", "")}, ".xlsx files are not supported"},
		"an output of no kind": {
			launch.Options{SQL: query, Inputs: bids("bids.csv", bidCSV), Outputs: []launch.Binding{{Topic: "results", File: "o.csv.bz2"}}},
			"o.csv.bz2: .bz2 files are not supported",
		},
		"a column that the change log needs": {
			launch.Options{SQL: file(t, "op.sql", channelsTable+"SELECT price AS op FROM bids;"), Inputs: bids("bids.csv", bidCSV), Changes: true},
			`--changes: the result has a column "op" already; give it another name in the query, with AS`,
		},
		"tables that differ": {
			launch.Options{
				SQL: file(t, "two.sql", channelsTable+"CREATE TABLE again (price STRING) WITH ('topic' = 'bids', 'format' = 'json');\nSELECT price FROM bids;"), Inputs: bids("bids.csv", bidCSV),
			}, `the tables over topic "bids" differ in the type of column "price"; give the input as JSON lines`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t.Context(), c.options)
			if got.err == nil || !strings.Contains(got.err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", got.err, c.want)
			}
			if kind := fault.KindOf(got.err); kind != fault.User && kind != fault.Data {
				t.Errorf("kind %v, want the user's", kind)
			}
		})
	}
}

func TestExplainPrintsTheStages(t *testing.T) {
	var out strings.Builder
	err := launch.Explain(t.Context(), launch.Options{
		SQL: file(t, "q.sql", bidsTable+"SELECT bidder, COUNT(*) AS n FROM TUMBLE(TABLE bids, DESCRIPTOR(at), INTERVAL '10' SECOND) GROUP BY bidder, window_start, window_end;"), Stdout: &out,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"read topic bids as JSON: bidder BIGINT, at TIMESTAMP", "watermark at - 4s", "(keeps state)", "write topic results as JSON: bidder BIGINT, n BIGINT"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the plan does not say %q:\n%s", want, out.String())
		}
	}
}
