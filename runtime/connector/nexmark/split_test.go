package nexmark_test

import (
	"slices"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/connector/nexmark"
	events "github.com/millrace/millrace/runtime/nexmark"
	"github.com/millrace/millrace/runtime/types"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func source(tb testing.TB, c events.Config, kind events.Kind, splits int, rate int64) *nexmark.Source {
	tb.Helper()
	s, err := nexmark.New("made", c, kind, splits, rate)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// ids decodes one column, id, auction or bidder, of everything that a split gives from an offset on.
func ids(t *testing.T, s *nexmark.Source, column string, number int32, from int64) (list []int64, end int64) {
	t.Helper()
	schema := types.Schema{Columns: []types.Column{{Name: column, Kind: types.BigInt}}}
	d, err := s.Decoder(schema)
	if err != nil {
		t.Fatal(err)
	}
	var b batch.Batch
	b.Reset(schema.Kinds())
	split := s.Split(number)
	for {
		records, next := split.Read(from, start)
		if next == from {
			return b.Columns[0].Int64, from
		}
		for i := range records {
			r := &records[i]
			if r.Offset < from || r.Offset >= next || r.Topic != "made" || r.Partition != number {
				t.Fatalf("read from %d to %d: %+v", from, next, r)
			}
			if err := d.Decode(r.Value, &b); err != nil {
				t.Fatal(err)
			}
		}
		from = next
	}
}

func TestSplitsShareTheStream(t *testing.T) {
	for name, c := range map[string]struct {
		events int64
		splits int
		group  int64
	}{
		"one split":                          {10_000, 1, 1},
		"a stream that ends within a group":  {10_049, 3, 1},
		"fewer groups than splits":           {120, 7, 1},
		"fewer events than a group":          {3, 4, 1},
		"out of order over groups of splits": {10_000, 4, 500},
	} {
		t.Run(name, func(t *testing.T) {
			config := events.Config{Events: c.events, OutOfOrderGroup: c.group}
			for _, kind := range events.Kinds() {
				column := map[events.Kind]string{events.Person: "id", events.Auction: "id", events.Bid: "bidder"}[kind]
				s, total := source(t, config, kind, c.splits, 0), int64(0)
				var got []int64
				for n := range c.splits {
					list, end := ids(t, s, column, int32(n), 0)
					if want, ends := s.Split(int32(n)).End(); !ends || want != end {
						t.Errorf("split %d ends at %d, read to %d", n, want, end)
					}
					got, total = append(got, list...), total+end
				}
				want, _ := ids(t, source(t, config, kind, 1, 0), column, 0, 0)
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) || total != c.events {
					t.Errorf("%s: %d rows of %d events, want %d of %d", kind, len(got), total, len(want), c.events)
				}
			}
		})
	}
}

func TestASplitGoesOnFromAnyOffset(t *testing.T) {
	s := source(t, events.Config{Events: 30_000, OutOfOrderGroup: 77}, events.Auction, 3, 0)
	whole, end := ids(t, s, "id", 1, 0)
	for from := int64(1); from <= end; from = from*3 + 7 {
		part, _ := ids(t, s, "id", 1, from)
		if !slices.Equal(part, whole[len(whole)-len(part):]) {
			t.Errorf("from offset %d the rows are others", from)
		}
	}
}

func TestARateBoundsWhatIsDue(t *testing.T) {
	const rate, splits = 1000, 4
	s := source(t, events.Config{}, events.Bid, splits, rate)
	split := s.Split(0)
	if _, ends := split.End(); ends {
		t.Error("a stream without end has one")
	}
	const committed = 5_000 // where the split is taken up
	at := int64(committed)
	for second := range 10 {
		_, next := split.Read(at, start.Add(time.Duration(second)*time.Second))
		if want := int64(committed + second*rate/splits); next != want {
			t.Fatalf("after %d s at offset %d, want %d", second, next, want)
		}
		at = next
	}
	if _, next := split.Read(committed, start.Add(9*time.Second)); next != at {
		t.Errorf("sent back it is at %d, want %d at once", next, at)
	}
}

func TestOneReadIsBounded(t *testing.T) {
	for _, kind := range events.Kinds() {
		split := source(t, events.Config{}, kind, 1, 0).Split(0)
		records, next := split.Read(0, start)
		if len(records) == 0 || len(records) > 4096 || next > 16384 {
			t.Errorf("%s: %d records, to offset %d", kind, len(records), next)
		}
	}
}

func TestRowsAreThoseOfTheGenerator(t *testing.T) {
	config := events.Config{Events: 5_000}
	g, err := events.New(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range events.Kinds() {
		s := source(t, config, kind, 1, 0)
		schema := kind.Schema()
		slices.Reverse(schema.Columns) // any order will do
		d, err := s.Decoder(schema)
		if err != nil {
			t.Fatal(err)
		}
		row, _ := g.Row(kind, schema)
		records, _ := s.Split(0).Read(0, start)
		var b batch.Batch
		b.Reset(schema.Kinds())
		for i := range records {
			if err := d.Decode(records[i].Value, &b); err != nil {
				t.Fatal(err)
			}
			e := g.Event(records[i].Offset)
			for c := range schema.Columns {
				if row.IsText(c) {
					if got, want := string(b.Columns[c].Bytes(i)), string(row.AppendText(nil, c, e)); got != want {
						t.Fatalf("%s %d: %q, want %q", kind, i, got, want)
					}
				} else if got, want := b.Columns[c].Int64[i], row.Number(c, e); got != want {
					t.Fatalf("%s %d: %d, want %d", kind, i, got, want)
				}
			}
		}
	}
}

func TestWhatIsNoRecordOrColumnOfTheSourceIsRefused(t *testing.T) {
	s := source(t, events.Config{}, events.Bid, 1, 0)
	if _, err := s.Decoder(types.Schema{Columns: []types.Column{{Name: "seller", Kind: types.BigInt}}}); err == nil {
		t.Error("a bid has a seller")
	}
	d, err := s.Decoder(types.Schema{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Decode([]byte("{}"), &batch.Batch{}); err == nil {
		t.Error("JSON is decoded")
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	s := source(t, events.Config{}, events.Bid, 1, 0)
	schema := events.Bid.Schema()
	d, err := s.Decoder(schema)
	if err != nil {
		t.Fatal(err)
	}
	split, at := s.Split(0), int64(0)
	var b batch.Batch
	read := func() {
		b.Reset(schema.Kinds())
		var err error
		records, next := split.Read(at, start)
		for i := range records {
			if e := d.Decode(records[i].Value, &b); e != nil {
				err = e
			}
		}
		if at = next; err != nil {
			t.Error(err)
		}
	}
	const rows, allowed = 4096, 64 // growing buffers, and the list of kinds
	read()
	if n := testing.AllocsPerRun(20, read); n > allowed {
		t.Errorf("%v allocations for %d rows", n, rows)
	}
}

func BenchmarkRows(b *testing.B) {
	schema := events.Bid.Schema()
	for name, columns := range map[string][]types.Column{"bidder": schema.Columns[1:2], "all columns": schema.Columns} {
		b.Run(name, func(b *testing.B) {
			s := source(b, events.Config{}, events.Bid, 1, 0)
			d, err := s.Decoder(types.Schema{Columns: columns})
			if err != nil {
				b.Fatal(err)
			}
			kinds := types.Schema{Columns: columns}.Kinds()
			split, at, rows := s.Split(0), int64(0), 0
			var out batch.Batch
			for rows < b.N {
				records, next := split.Read(at, start)
				out.Reset(kinds)
				for i := range records {
					if err := d.Decode(records[i].Value, &out); err != nil {
						b.Fatal(err)
					}
				}
				at, rows = next, rows+len(records)
			}
		})
	}
}
