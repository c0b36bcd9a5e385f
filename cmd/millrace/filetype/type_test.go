package filetype_test

import (
	"testing"

	"github.com/millrace/millrace/cmd/millrace/filetype"
	"github.com/millrace/millrace/runtime/fault"
)

func TestTheNameSaysTheType(t *testing.T) {
	for name, want := range map[string]filetype.Type{
		"-":               {},
		"bids":            {},
		"bids.json":       {},
		"a.csv/bids":      {},
		"bids.jsonl.gz":   {filetype.JSONLines, filetype.Gzip},
		"bids.zst":        {filetype.JSONLines, filetype.Zstd},
		"bids.csv":        {filetype.CSV, filetype.None},
		"dir/Bids.CSV.GZ": {filetype.CSV, filetype.Gzip},
		"bids.csv.zst":    {filetype.CSV, filetype.Zstd},
		"bids.parquet":    {filetype.Parquet, filetype.None},
	} {
		got, err := filetype.Of(name)
		if err != nil || got != want {
			t.Errorf("%s: got %v %v, want %v", name, got, err, want)
		}
	}
}

func TestNamesThatAreRefused(t *testing.T) {
	for name, want := range map[string]string{
		"b.parquet.gz": "b.parquet.gz: a Parquet file is compressed inside, not around; give it as b.parquet",
		"b.csv.bz2":    "b.csv.bz2: .bz2 files are not supported; use .gz or .zst, or nothing",
		"b.xlsx":       "b.xlsx: .xlsx files are not supported; convert it to JSON lines, CSV or Parquet",
	} {
		_, err := filetype.Of(name)
		if fault.KindOf(err) != fault.User || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}
