package feed_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/cmd/millrace/feed"
	"github.com/millrace/millrace/runtime/fault"
)

func packed(t *testing.T, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	switch filepath.Ext(name) {
	case ".gz":
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
	case ".zst":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = z.Write([]byte(text))
		_ = z.Close()
	default:
		b.WriteString(text)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRowsGoToThePartitionsInTurn(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "t"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "{\"n\":%d}\n", i)
	}
	for _, name := range []string{"a.jsonl", "a.jsonl.gz", "a.jsonl.zst"} {
		t.Run(name, func(t *testing.T) {
			client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ConsumeTopics("t"))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			source, err := feed.Open(packed(t, name, text.String()), nil, feed.Table{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = source.Close() }()
			f := feed.New(client, "t", 3, source)
			if err := f.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if f.Rows() != 1000 || f.Fraction() != 1 {
				t.Errorf("%d rows, fraction %v", f.Rows(), f.Fraction())
			}
			for n := 0; n < 1000; {
				fetches := client.PollFetches(t.Context())
				fetches.EachRecord(func(r *kgo.Record) {
					n++
					want := fmt.Sprintf("{\"n\":%d}", f.PlaceOf(r.Partition, r.Offset%334).Line-1)
					if name == "a.jsonl" && string(r.Value) != want {
						t.Errorf("partition %d offset %d holds %s, want %s", r.Partition, r.Offset, r.Value, want)
					}
				})
			}
		})
	}
}

func TestFilesThatCannotBeFed(t *testing.T) {
	broken := packed(t, "b.jsonl", "{}")
	if err := os.Rename(broken, broken+".gz"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"no.jsonl":           "no.jsonl: no such file; check the path after = in --input TOPIC=FILE",
		"b.csv.bz2":          "b.csv.bz2: .bz2 files are not supported",
		broken + ".gz":       "read as gzip",
		filepath.Dir(broken): "is a folder, not a file",
	} {
		_, err := feed.Open(name, nil, feed.Table{})
		if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}
