package filetype

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
)

// Format is what a file holds.
type Format uint8

// The formats.
const (
	// JSONLines is one JSON object a line.
	JSONLines Format = iota
	// CSV is comma-separated values under a line of column names.
	CSV
	// Parquet is Apache Parquet.
	Parquet
)

// Compression is what a file is wrapped in.
type Compression uint8

// The compressions.
const (
	None Compression = iota
	Gzip
	Zstd
)

// Type is what a file's name says.
type Type struct {
	Format      Format
	Compression Compression
}

// Of returns the type of a file by its name, in any case; "-", which is the standard input or output, is plain JSON
// lines. A name that promises what can't be read or written is a User error.
func Of(name string) (Type, error) {
	var t Type
	ext := strings.ToLower(filepath.Ext(name))
	switch ext {
	case ".gz":
		t.Compression = Gzip
	case ".zst":
		t.Compression = Zstd
	}
	if t.Compression != None {
		ext = strings.ToLower(filepath.Ext(name[:len(name)-len(ext)]))
	}
	switch {
	case slices.Contains([]string{".bz2", ".xz", ".lz4", ".snappy", ".br", ".zip", ".7z", ".tar", ".tgz"}, ext):
		return t, fault.New(fault.User, fault.Place{File: name}, "%s files are not supported", ext).Do("use .gz or .zst, or nothing")
	case slices.Contains([]string{".xls", ".xlsx", ".avro", ".orc", ".arrow", ".feather", ".tsv"}, ext):
		return t, fault.New(fault.User, fault.Place{File: name}, "%s files are not supported", ext).Do("convert it to JSON lines, CSV or Parquet")
	case ext == ".csv":
		t.Format = CSV
	case ext == ".parquet" && t.Compression != None:
		return t, fault.New(fault.User, fault.Place{File: name}, "a Parquet file is compressed inside, not around").
			Do("give it as %s", strings.TrimSuffix(name, filepath.Ext(name)))
	case ext == ".parquet":
		t.Format = Parquet
	}
	return t, nil
}
