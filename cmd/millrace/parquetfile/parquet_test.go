package parquetfile_test

import (
	"bytes"
	"errors"
	"io"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/millrace/millrace/cmd/millrace/csvfile"
	"github.com/millrace/millrace/cmd/millrace/parquetfile"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

var every = types.Schema{Columns: []types.Column{
	{Name: "small", Kind: types.Int},
	{Name: "flag", Kind: types.Boolean},
	{Name: "big", Kind: types.BigInt},
	{Name: "ratio", Kind: types.Double},
	{Name: "name", Kind: types.String},
	{Name: "raw", Kind: types.Bytes},
	{Name: "day", Kind: types.Date},
	{Name: "at", Kind: types.Timestamp},
}}

// rows reads rows from text: CSV is easier to look at.
func rows(t *testing.T, text string, schema types.Schema) *batch.Batch {
	t.Helper()
	r, err := csvfile.NewReader(strings.NewReader(text), "t.csv", schema, "")
	if err != nil {
		t.Fatal(err)
	}
	b := &batch.Batch{}
	b.Reset(schema.Kinds())
	for {
		if err := r.Next(b); errors.Is(err, io.EOF) {
			return b
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// text reads a Parquet file into CSV.
func text(file []byte, schema types.Schema, timestamps spec.TimestampFormat) (string, error) {
	r, err := parquetfile.NewReader(bytes.NewReader(file), int64(len(file)), "t.parquet", schema, timestamps)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	w := csvfile.NewWriter(&out, schema)
	for {
		b := &batch.Batch{}
		b.Reset(schema.Kinds())
		if err := r.Next(b); errors.Is(err, io.EOF) {
			err := errors.Join(w.Close(), r.Close())
			return out.String(), err
		} else if err != nil {
			return out.String(), err
		}
		for i := range b.Length {
			if err := w.Write(b, i); err != nil {
				return "", err
			}
		}
	}
}

func file(t *testing.T, b *batch.Batch, schema types.Schema) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := parquetfile.NewWriter(&out, schema)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Length {
		if err := w.Write(b, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	header := "small,flag,big,ratio,name,raw,day,at\n"
	one := header + "-7,true,9007199254740993,0.1,\"a, \"\"b\"\"\",AAH/,2013-01-31,2013-01-31 05:15:00.25\n" +
		",,,,,,,\n-2147483648,false,-9223372036854775808,-Infinity,\"\",\"\",0001-01-01,1969-12-31 23:59:59.999999\n"
	for name, want := range map[string]string{
		"every type, NULL, and the ends of the ranges": one,
		"no rows":               header,
		"rows of several pages": header + strings.Repeat(strings.TrimPrefix(one, header), 5000),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := text(file(t, rows(t, want, every), every), every, "")
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("got\n%.2000s\nwant\n%.2000s", got, want)
			}
		})
	}
}

func TestColumnsKeepTheirOrder(t *testing.T) {
	f, err := parquet.OpenFile(bytes.NewReader(file(t, rows(t, "small\n1\n", every), every)), int64(len(file(t, rows(t, "small\n1\n", every), every))))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range f.Root().Columns() {
		if c.Name() != every.Columns[i].Name {
			t.Errorf("column %d is %s, want %s", i, c.Name(), every.Columns[i].Name)
		}
	}
}

func TestSeveralRowGroups(t *testing.T) {
	schema := types.Schema{Columns: []types.Column{{Name: "n", Kind: types.BigInt}, {Name: "s", Kind: types.String}}}
	b := &batch.Batch{}
	b.Reset(schema.Kinds())
	long := bytes.Repeat([]byte("x"), 1000)
	const n = 140_000 // more than a group's rows, and than a group's bytes
	for i := range int64(n) {
		b.Columns[0].AppendInt64(i)
		b.Columns[1].AppendBytes(long[:i%1000])
	}
	b.Length = n
	data := file(t, b, schema)
	r, err := parquetfile.NewReader(bytes.NewReader(data), int64(len(data)), "t.parquet", schema, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for at := int64(0); at < n; {
		b.Reset(schema.Kinds())
		if err := r.Next(b); err != nil {
			t.Fatal(err)
		}
		for i := range b.Length {
			if b.Columns[0].Int64[i] != at || int64(len(b.Columns[1].Bytes(i))) != at%1000 {
				t.Fatalf("row %d holds %d", at, b.Columns[0].Int64[i])
			}
			at++
		}
	}
	b.Reset(schema.Kinds())
	if err := r.Next(b); !errors.Is(err, io.EOF) {
		t.Errorf("behind the last row: %v", err)
	}
}

// single is a file of one column with these values.
func single(t *testing.T, node parquet.Node, values ...parquet.Value) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewWriter(&out, parquet.NewSchema("row", parquet.Group{"x": node}))
	for _, v := range values {
		if _, err := w.WriteRows([]parquet.Row{{v.Level(0, 0, 0)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func julian(day, nanos int64) parquet.Value {
	x := new(big.Int).Lsh(big.NewInt(day), 64)
	x.Or(x, big.NewInt(nanos))
	words := x.Bits()
	return parquet.Int96Value(deprecated.Int96{uint32(words[0]), uint32(words[0] >> 32), uint32(words[1])})
}

func TestTypesOfOtherWriters(t *testing.T) {
	instant := int64(1359609300_250000) // 2013-01-31 05:15:00.25
	cases := map[string]struct {
		node   parquet.Node
		value  parquet.Value
		kind   types.Kind
		want   string
		millis bool
	}{
		"INT from INT64":                  {parquet.Int(64), parquet.Int64Value(-7), types.Int, "-7", false},
		"INT from 8 bits":                 {parquet.Int(8), parquet.Int32Value(-7), types.Int, "-7", false},
		"INT beyond its range":            {parquet.Int(64), parquet.Int64Value(1 << 31), types.Int, `t.parquet: row 1: column "x": expected INT, found a number that is no INT`, false},
		"BIGINT from unsigned 32 bits":    {parquet.Uint(32), parquet.Int32Value(-1), types.BigInt, "4294967295", false},
		"BIGINT from unsigned 64 bits":    {parquet.Uint(64), parquet.Int64Value(-1), types.BigInt, "found a number that is no BIGINT", false},
		"BIGINT from DECIMAL":             {parquet.Decimal(2, 9, parquet.Int32Type), parquet.Int32Value(-700), types.BigInt, "-7", false},
		"BIGINT from a broken DECIMAL":    {parquet.Decimal(2, 9, parquet.Int32Type), parquet.Int32Value(701), types.BigInt, "found a number that is no BIGINT", false},
		"BIGINT from a float":             {parquet.Leaf(parquet.DoubleType), parquet.DoubleValue(1), types.BigInt, `t.parquet: column "x": expected BIGINT, the file holds DOUBLE`, false},
		"BIGINT from a string":            {parquet.String(), parquet.ByteArrayValue([]byte("1")), types.BigInt, `expected BIGINT, the file holds STRING`, false},
		"DOUBLE from FLOAT":               {parquet.Leaf(parquet.FloatType), parquet.FloatValue(0.5), types.Double, "0.5", false},
		"DOUBLE from INT64":               {parquet.Int(64), parquet.Int64Value(7), types.Double, "7", false},
		"DOUBLE from DECIMAL":             {parquet.Decimal(3, 18, parquet.Int64Type), parquet.Int64Value(-5), types.Double, "-0.005", false},
		"DOUBLE from a wide DECIMAL":      {parquet.Decimal(2, 38, parquet.FixedLenByteArrayType(3)), parquet.FixedLenByteArrayValue([]byte{0xff, 0xff, 0x85}), types.Double, "-1.23", false},
		"STRING from DECIMAL":             {parquet.Decimal(2, 9, parquet.Int32Type), parquet.Int32Value(120), types.String, "1.20", false},
		"STRING from bytes":               {parquet.Leaf(parquet.ByteArrayType), parquet.ByteArrayValue([]byte("é")), types.String, "é", false},
		"STRING from TIME in millis":      {parquet.Time(parquet.Millisecond), parquet.Int32Value(18_900_250), types.String, "05:15:00.25", false},
		"STRING from TIME in nanos":       {parquet.Time(parquet.Nanosecond), parquet.Int64Value(18_900_250_000_000), types.String, "05:15:00.25", false},
		"STRING from UUID":                {parquet.UUID(), parquet.FixedLenByteArrayValue([]byte("0123456789abcdef")), types.String, "30313233-3435-3637-3839-616263646566", false},
		"BYTES from a fixed length":       {parquet.Leaf(parquet.FixedLenByteArrayType(2)), parquet.FixedLenByteArrayValue([]byte{0, 1}), types.Bytes, "AAE=", false},
		"DATE":                            {parquet.Date(), parquet.Int32Value(-1), types.Date, "1969-12-31", false},
		"TIMESTAMP in millis":             {parquet.Timestamp(parquet.Millisecond), parquet.Int64Value(instant / 1000), types.Timestamp, "2013-01-31 05:15:00.25", false},
		"TIMESTAMP in micros":             {parquet.TimestampAdjusted(parquet.Microsecond, false), parquet.Int64Value(instant), types.Timestamp, "2013-01-31 05:15:00.25", false},
		"TIMESTAMP in nanos":              {parquet.Timestamp(parquet.Nanosecond), parquet.Int64Value(instant * 1000), types.Timestamp, "2013-01-31 05:15:00.25", false},
		"TIMESTAMP with nanos":            {parquet.Timestamp(parquet.Nanosecond), parquet.Int64Value(instant*1000 + 1), types.Timestamp, "found a time that microseconds don't hold", false},
		"TIMESTAMP from INT96":            {parquet.Leaf(parquet.Int96Type), julian(2_440_588+15_736, 18_900_250_000_000), types.Timestamp, "2013-01-31 05:15:00.25", false},
		"TIMESTAMP from DATE":             {parquet.Date(), parquet.Int32Value(15_736), types.Timestamp, "2013-01-31 00:00:00", false},
		"TIMESTAMP from declared millis":  {parquet.Int(64), parquet.Int64Value(instant / 1000), types.Timestamp, "2013-01-31 05:15:00.25", true},
		"TIMESTAMP from a number":         {parquet.Int(64), parquet.Int64Value(instant), types.Timestamp, "expected TIMESTAMP, the file holds INT", false},
		"a list":                          {parquet.Repeated(parquet.Int(64)), parquet.Int64Value(1), types.BigInt, `t.parquet: column "x": expected BIGINT, the file holds a list or a group`, false},
		"a group":                         {parquet.Group{"y": parquet.Int(64)}, parquet.Int64Value(1), types.BigInt, "the file holds a list or a group", false},
		"BOOLEAN from a number":           {parquet.Int(32), parquet.Int32Value(1), types.Boolean, "expected BOOLEAN, the file holds INT", false},
		"a whole number of a billion one": {parquet.Decimal(0, 38, parquet.ByteArrayType), parquet.ByteArrayValue([]byte{0x3b, 0x9a, 0xca, 0x01}), types.BigInt, "1000000001", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			format := spec.TimestampRFC3339
			if c.millis {
				format = spec.TimestampMillis
			}
			got, err := text(single(t, c.node, c.value), types.Schema{Columns: []types.Column{{Name: "x", Kind: c.kind}}}, format)
			if err != nil {
				if fault.KindOf(err) != fault.User {
					t.Errorf("kind %v", fault.KindOf(err))
				}
				got = err.Error()
			}
			if got != "x\n"+c.want+"\n" && (err == nil || !strings.Contains(got, c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestColumnsThatTheFileLacksAreNull(t *testing.T) {
	schema := types.Schema{Columns: []types.Column{{Name: "x", Kind: types.BigInt}, {Name: "y", Kind: types.String}}}
	got, err := text(single(t, parquet.Int(64), parquet.Int64Value(1)), schema, "")
	if err != nil || got != "x,y\n1,\n" {
		t.Errorf("got %q %v", got, err)
	}
	_, err = text(single(t, parquet.Int(64), parquet.Int64Value(1)), types.Schema{Columns: schema.Columns[1:]}, "")
	if err == nil || err.Error() != "t.parquet: the file has no column of the table; its columns are x; the table's are y; names are compared exactly" {
		t.Errorf("got %v", err)
	}
}

// A damaged file is an error, or rows; never a panic.
func TestDamagedFiles(t *testing.T) {
	whole := file(t, rows(t, "small,flag,big,ratio,name,raw,day,at\n-7,true,1,0.1,x,AAH/,2013-01-31,2013-01-31 05:15:00.25\n,,,,,,,\n", every), every)
	random := rand.New(rand.NewPCG(1, 2))
	damaged := 0
	for range 500 {
		data := bytes.Clone(whole)
		for range 1 + random.IntN(3) {
			data[random.IntN(len(data))] = byte(random.IntN(256))
		}
		if random.IntN(4) == 0 {
			data = data[:random.IntN(len(data))]
		}
		if _, err := text(data, every, ""); err != nil {
			damaged++
			if fault.KindOf(err) != fault.User || !strings.HasPrefix(err.Error(), "t.parquet") {
				t.Fatalf("kind %v: %v", fault.KindOf(err), err)
			}
		}
	}
	if damaged == 0 {
		t.Error("no damage was found")
	}
}
