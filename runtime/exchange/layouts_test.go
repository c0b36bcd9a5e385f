package exchange_test

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// settled are rows of all kinds, with NULLs, that are always the same.
func settled() *batch.Batch {
	b := &batch.Batch{}
	b.Reset(allKinds())
	for row := range 3 {
		for c := range b.Columns {
			v := &b.Columns[c]
			switch {
			case (row+c)%5 == 4:
				v.AppendNull()
			case v.Kind.Storage() == types.StoreBool:
				v.AppendBool((row+c)%2 == 0)
			case v.Kind.Storage() == types.StoreInt64:
				v.AppendInt64(int64(1_000_000*c - 300*row))
			case v.Kind.Storage() == types.StoreFloat64:
				v.AppendFloat64(float64(row) + 0.25)
			default:
				v.AppendBytes([]byte(strings.Repeat("ab", row+c)))
			}
		}
		b.Length++
	}
	return b
}

// TestRecordsAreAsTheVersionsBeforeWroteThem holds the bytes of each layout to those that were written when it was new: testdata/layout1.hex
// by the version before this one. They are never made anew: other bytes are another layout, which needs a plan of a newer format before it is written.
func TestRecordsAreAsTheVersionsBeforeWroteThem(t *testing.T) {
	cases := map[string]struct {
		file  string
		says  func(l *exchange.Lane)
		marks []watermark.Mark
	}{
		"1": {"testdata/layout1.hex", func(*exchange.Lane) {}, []watermark.Mark{{Channel: 1, Watermark: 1_700_000_000_000_000}, {Channel: 3, Watermark: -5, Idle: true}}},
		"2, which states owners and cuts": {
			"testdata/layout2.hex",
			func(l *exchange.Lane) {
				l.Own(9)
				l.Restore(1_700_000_000_000_000, false)
				l.Cut(300)
			},
			[]watermark.Mark{{Channel: 1, Watermark: 1_700_000_000_000_000, Owner: 9, Cut: 300}, {Channel: 3, Watermark: -5, Idle: true}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(c.file)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSpace(string(text))
			out := sent{}
			w, err := exchange.NewWriter(exchange.Config{Topic: "x", Partitions: 1, Kinds: allKinds(), WindowEnd: -1, JobEpoch: 77}, out)
			if err != nil {
				t.Fatal(err)
			}
			lanes := make([]*exchange.Lane, 0, 2)
			for _, channel := range []int32{1, 3} {
				l, err := w.Lane(channel, 5, fail{})
				if err != nil {
					t.Fatal(err)
				}
				lanes = append(lanes, l)
			}
			lanes[0].Restore(1_700_000_000_000_000, false)
			lanes[1].Restore(-5, true)
			c.says(lanes[0])
			if err := lanes[1].Push(settled()); err != nil {
				t.Fatal(err)
			}
			if err := lanes[0].Seal(); err != nil {
				t.Fatal(err)
			}
			if len(out[0]) != 1 || hex.EncodeToString(out[0][0]) != want {
				t.Errorf("wrote\n%x\nwant\n%s", out[0], want)
			}
			read(t, want, c.marks)
		})
	}
}

// read decodes what was written long ago.
func read(t *testing.T, written string, marks []watermark.Mark) {
	t.Helper()
	value, err := hex.DecodeString(written)
	if err != nil {
		t.Fatal(err)
	}
	var h exchange.Header
	var b batch.Batch
	if err := exchange.NewReader(allKinds()).Decode(value, &h, &b); err != nil {
		t.Fatal(err)
	}
	if h.JobEpoch != 77 || h.Channels != 5 || len(h.Marks) != len(marks) {
		t.Fatalf("header %+v", h)
	}
	for i, m := range marks {
		if h.Marks[i] != m {
			t.Errorf("mark %+v, want %+v", h.Marks[i], m)
		}
	}
	want := settled()
	if b.Length != want.Length {
		t.Fatalf("%d rows", b.Length)
	}
	for row := range want.Length {
		if got := text(&b, row); got != text(want, row) {
			t.Errorf("row %d: %s, want %s", row, got, text(want, row))
		}
	}
}
