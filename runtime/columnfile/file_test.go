package columnfile_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/columnfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

func columns() []columnfile.Column {
	list := []columnfile.Column{{Column: types.Column{Name: "wide", Kind: types.Bytes}, Wide: true}}
	for _, k := range kinds()[1:] {
		list = append(list, columnfile.Column{Column: types.Column{Name: strings.ToLower(k.String()), Kind: k}})
	}
	return list
}

func kinds() []types.Kind {
	return []types.Kind{
		types.Bytes, types.Boolean, types.Int, types.BigInt, types.Double, types.String, types.Bytes, types.Date, types.Timestamp, types.Interval, types.Null,
	}
}

// random is rows of all types, with the ends of their ranges and NULLs.
func random(rng *rand.Rand, n int) *batch.Batch {
	b := &batch.Batch{}
	b.Reset(kinds())
	for range n {
		for c := range b.Columns {
			v := &b.Columns[c]
			extreme := []int64{math.MinInt64, math.MaxInt64, 0, -1, rng.Int64()}[rng.IntN(5)]
			switch {
			case rng.IntN(6) == 0 || v.Kind == types.Null:
				v.AppendNull()
			case c == 0:
				wide := make([]byte, columnfile.WideBytes)
				for i := range wide {
					wide[i] = byte(rng.IntN(256))
				}
				v.AppendBytes(wide)
			case v.Kind == types.Boolean:
				v.AppendBool(extreme < 0)
			case v.Kind == types.Int || v.Kind == types.Date:
				v.AppendInt64(int64(int32(extreme)))
			case v.Kind == types.Double:
				v.AppendFloat64([]float64{math.NaN(), math.Inf(-1), math.Copysign(0, -1), rng.Float64()}[rng.IntN(4)])
			case v.Kind.Storage() == types.StoreBytes:
				v.AppendBytes([]byte("é\x00text")[:rng.IntN(7)])
			default:
				v.AppendInt64(extreme)
			}
		}
		b.Length++
	}
	return b
}

// keys are the rows as bytes, one row each.
func keys(b *batch.Batch) []string {
	var all []int
	for c := range b.Columns {
		all = append(all, c)
	}
	list := make([]string, b.Length)
	for row := range list {
		list[row] = string(batch.AppendKey(nil, b.Columns, all, row))
	}
	return list
}

func written(t *testing.T, of []columnfile.Column, batches ...*batch.Batch) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := columnfile.NewWriter(&out, of, columnfile.Snappy)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range batches {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			if err := w.EndGroup(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(file []byte, of []columnfile.Column) (rows []string, err error) {
	r, err := columnfile.NewReader(columnfile.Source{Name: "f.parquet", File: bytes.NewReader(file), Size: int64(len(file)), Kind: fault.Corrupt}, of)
	if err != nil {
		return nil, err
	}
	var b batch.Batch
	for {
		b.Reset(kinds()[:len(of)])
		if err := r.Next(&b); errors.Is(err, io.EOF) {
			return rows, r.Close()
		} else if err != nil {
			return rows, errors.Join(err, r.Close())
		}
		rows = append(rows, keys(&b)...)
	}
}

func TestBatchesComeBackAsTheyWere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, sizes := range [][]int{{}, {0}, {1}, {511, 2, 700, 1}, {3000, 3000, 10}} {
		var batches []*batch.Batch
		var want []string
		for _, n := range sizes {
			batches = append(batches, random(rng, n))
			want = append(want, keys(batches[len(batches)-1])...)
		}
		got, err := read(written(t, columns(), batches...), columns())
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("batches of %v: %d rows, want %d: %v", sizes, len(got), len(want), err)
		}
	}
}

// A damaged file is an error, or rows; never a panic. Only a checksum tells one from the other.
func TestDamagedFilesAreErrors(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	whole := written(t, columns(), random(rng, 50))
	found := 0
	for range 500 {
		file := bytes.Clone(whole)
		for range 1 + rng.IntN(3) {
			file[rng.IntN(len(file))] = byte(rng.IntN(256))
		}
		if rng.IntN(4) == 0 {
			file = file[:rng.IntN(len(file))]
		}
		if _, err := read(file, columns()); err != nil {
			found++
			if fault.KindOf(err) != fault.Corrupt || !strings.HasPrefix(err.Error(), "f.parquet") {
				t.Fatalf("kind %v: %v", fault.KindOf(err), err)
			}
		}
	}
	if found == 0 {
		t.Error("no damage was found")
	}
}

func TestOtherColumnsAreRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	file := written(t, columns(), random(rng, 5))
	for name, change := range map[string]func(list []columnfile.Column){
		"another name":          func(list []columnfile.Column) { list[1].Name = "x" },
		"another type":          func(list []columnfile.Column) { list[2].Kind = types.BigInt },
		"a number for a time":   func(list []columnfile.Column) { list[8].Kind = types.BigInt },
		"a time for a number":   func(list []columnfile.Column) { list[3].Kind = types.Timestamp },
		"a wide one for others": func(list []columnfile.Column) { list[6].Wide = true },
	} {
		list := columns()
		change(list)
		if _, err := read(file, list); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
	twice := columns()
	twice[1].Name = twice[2].Name
	if _, err := columnfile.NewWriter(io.Discard, twice, columnfile.Zstd); fault.KindOf(err) != fault.User {
		t.Errorf("two of a name: %v", err)
	}
}
