package nexmark_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/nexmark"
)

func generator(tb testing.TB, c nexmark.Config) *nexmark.Generator {
	tb.Helper()
	g, err := nexmark.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func digest(g *nexmark.Generator, events int64) string {
	d, line := nexmark.NewDigest(), []byte(nil)
	for i := range events {
		e := g.Event(i)
		line = g.AppendJSON(line[:0], e)
		d.Add(e.Kind, line)
	}
	return d.String()
}

// The data sets are a promise: figures of different days and machines compare only when the events are the same.
func TestTheDataSetsAreTheSameForEver(t *testing.T) {
	for name, c := range map[string]struct {
		config nexmark.Config
		want   string
	}{
		"the benchmark's own":         {nexmark.Config{}, "a6b50dc9a7a0308548728e97723df1efdc35f4ccc21a534f131cadcbc16b011e"},
		"another seed":                {nexmark.Config{Seed: 42}, "47940940bd929e033bcffee12b5cb9655d83c87a8afd54621e383fe5992ffb24"},
		"out of order, nobody is hot": {nexmark.Config{OutOfOrderGroup: 50, HotAuctionRatio: 1, HotSellerRatio: 1, HotBidderRatio: 1}, "94c1789ed819268410eab73e58824153e074df8bff66f4d367c5f822dc4888cb"},
		"late bidders, another size":  {nexmark.Config{LateBidders: true, BidBytes: 200, EventsPerSecond: 3_333_333}, "a7b864e408deea61eccbdfa5eed32aad4fc23d0e26fe8bafc5efe62fb9118be7"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := digest(generator(t, c.config), 10_000); got != c.want {
				t.Errorf("digest of 10 000 events\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAnEventIsTheSameAloneAndInAnyPartOfTheStream(t *testing.T) {
	for name, c := range map[string]nexmark.Config{
		"in order":     {},
		"out of order": {OutOfOrderGroup: 64},
	} {
		t.Run(name, func(t *testing.T) {
			whole := generator(t, c)
			from := c
			from.FirstEvent = 7_777
			part := generator(t, from)
			for i := int64(999); i >= 0; i-- { // backwards: nothing depends on what was made before
				a, b := whole.Event(7_777+i), part.Event(i)
				x, y := string(whole.AppendJSON(nil, a)), string(part.AppendJSON(nil, b))
				if a != b || x != y {
					t.Fatalf("event %d: %s\nin a part of the stream: %s", i, x, y)
				}
			}
		})
	}
}

func TestOfFiftyEventsOneIsAPersonThreeAreAuctionsAndTheOthersBids(t *testing.T) {
	for _, size := range []int64{1, 50, 100} {
		g := generator(t, nexmark.Config{OutOfOrderGroup: size})
		counts, seen := map[nexmark.Kind]int{}, map[int64]bool{}
		for i := range int64(10_000) {
			e := g.Event(i)
			counts[e.Kind]++
			seen[e.ID] = true
		}
		if counts[nexmark.Person] != 200 || counts[nexmark.Auction] != 600 || counts[nexmark.Bid] != 9_200 || len(seen) != 10_000 {
			t.Errorf("groups of %d: %v, %d different ids", size, counts, len(seen))
		}
	}
}

func TestEventsAreOutOfOrderWithinTheirGroupOnly(t *testing.T) {
	const size, events = 50, 10_000
	g, moved := generator(t, nexmark.Config{OutOfOrderGroup: size, EventsPerSecond: 1000}), 0
	for i := range int64(events) {
		e := g.Event(i)
		if e.ID/size != i/size {
			t.Fatalf("event %d has id %d, of another group", i, e.ID)
		}
		if want := int64(nexmark.DefaultStartMillis) + e.ID; e.Millis != want {
			t.Fatalf("event %d has time %d, want %d", e.ID, e.Millis, want)
		}
		if e.ID != i {
			moved++
		}
	}
	if moved < events*9/10 {
		t.Errorf("only %d of %d events are out of order", moved, events)
	}
}

type values struct {
	ID, Seller, Category, InitialBid, Reserve, DateTime, Expires int64
	Auction, Bidder, Price                                       int64
	Name, EmailAddress, CreditCard, City, State                  string
	ItemName, Description, Channel, URL, Extra                   string
}

func each(t *testing.T, events int64, visit func(nexmark.Event, values, int)) {
	t.Helper()
	g := generator(t, nexmark.Config{})
	for i := range events {
		e := g.Event(i)
		line := g.AppendJSON(nil, e)
		var v values
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("event %d: %v: %s", i, err, line)
		}
		visit(e, v, len(line))
	}
}

func near(t *testing.T, what string, got, of int, want float64) {
	t.Helper()
	if share := float64(got) / float64(of); math.Abs(share-want) > 0.01 {
		t.Errorf("%s: %.3f, want %.3f", what, share, want)
	}
}

func TestBidsAreSkewedAsTheBenchmarkHasIt(t *testing.T) {
	var bids, hotAuctions, hotBidders, hotChannels, ahead, cheap, named int
	auctions, addresses := map[int64]bool{}, map[string]string{}
	each(t, 100_000, func(e nexmark.Event, v values, _ int) {
		if e.Kind != nexmark.Bid {
			return
		}
		bids++
		last := 1000 + e.ID/50*3 + 2
		if v.Auction > last+10 || v.Auction < max(last-2-200, 1000) || v.Price < 100 || v.Price > 100_000_000 {
			t.Fatalf("bid %d: %+v", e.ID, v)
		}
		auctions[v.Auction] = true
		hotAuctions += count(v.Auction == 1000+(last-1000)/100*100)
		hotBidders += count((v.Bidder-1000)%100 == 1)
		ahead += count(v.Auction > last)
		cheap += count(v.Price < 100_000)
		if !strings.HasPrefix(v.Channel, "channel-") {
			hotChannels++
		} else if strings.Contains(v.URL, "&channel_id=") {
			named++
		}
		if known, ok := addresses[v.Channel]; ok && known != v.URL {
			t.Fatalf("channel %s has two addresses: %s, %s", v.Channel, known, v.URL)
		}
		addresses[v.Channel] = v.URL
		if parts := strings.Split(v.URL, "/"); len(parts) != 7 || parts[2] != "www.nexmark.com" {
			t.Fatalf("address %s", v.URL)
		}
	})
	near(t, "bids on hot auctions", hotAuctions, bids, 0.5+0.5/112)
	near(t, "bids of hot bidders", hotBidders, bids, 0.75+0.25/100)
	near(t, "bids before their auction", ahead, bids, 0.5*10/112)
	near(t, "bids in hot channels", hotChannels, bids, 0.5)
	near(t, "channels with an id", named, bids-hotChannels, 0.9)
	near(t, "prices in the lower half of the decades", cheap, bids, 0.5)
	if len(auctions) < 5_500 {
		t.Errorf("only %d auctions have bids", len(auctions))
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func TestAuctionsAreWellFormed(t *testing.T) {
	var auctions, hot, tens int
	next := int64(1000)
	each(t, 100_000, func(e nexmark.Event, v values, _ int) {
		if e.Kind != nexmark.Auction {
			return
		}
		auctions++
		const horizon = 2 * 167 // milliseconds until 1666 events have passed, twice
		if v.ID != next || v.Expires <= v.DateTime || v.Expires > v.DateTime+horizon || v.Reserve <= v.InitialBid || v.Category < 10 || v.Category > 14 {
			t.Fatalf("auction %d: %+v", e.ID, v)
		}
		next++
		hot += count((v.Seller-1000)%100 == 0)
		tens += count(v.Category == 10)
	})
	near(t, "auctions of hot sellers", hot, auctions, 0.75+0.25/100)
	near(t, "auctions of one category", tens, auctions, 0.2)
}

func TestPersonsAreWellFormed(t *testing.T) {
	next := int64(1000)
	each(t, 50_000, func(e nexmark.Event, v values, _ int) {
		if e.Kind != nexmark.Person {
			return
		}
		if v.ID != next || len(v.CreditCard) != 19 || !strings.Contains(v.Name, " ") || !strings.HasSuffix(v.EmailAddress, ".com") || v.City == "" || len(v.State) != 2 {
			t.Fatalf("person %d: %+v", e.ID, v)
		}
		next++
	})
}

func TestTheAverageSizeIsWhatIsAskedFor(t *testing.T) {
	sums, counts := map[nexmark.Kind]int{}, map[nexmark.Kind]int{}
	each(t, 100_000, func(e nexmark.Event, v values, _ int) {
		counts[e.Kind]++
		switch e.Kind {
		case nexmark.Person:
			sums[e.Kind] += 8 + len(v.Name) + len(v.EmailAddress) + len(v.CreditCard) + len(v.City) + len(v.State) + len(v.Extra)
		case nexmark.Auction:
			sums[e.Kind] += 8 + 40 + len(v.ItemName) + len(v.Description) + len(v.Extra)
		case nexmark.Bid:
			sums[e.Kind] += 32 + len(v.Extra)
		}
	})
	for kind, want := range map[nexmark.Kind]int{nexmark.Person: 200, nexmark.Auction: 500, nexmark.Bid: 100} {
		if got := sums[kind] / counts[kind]; got < want*98/100 || got > want*102/100 {
			t.Errorf("a %s has %d bytes, want %d", kind, got, want)
		}
	}
}

func TestLateBiddersRegisterLater(t *testing.T) {
	plain, late := generator(t, nexmark.Config{}), generator(t, nexmark.Config{LateBidders: true})
	for i := range int64(1000) {
		e := plain.Event(i)
		if e.Kind != nexmark.Bid {
			continue
		}
		a, b := row(t, plain, "bidder").Number(0, e), row(t, late, "bidder").Number(0, e)
		if b != a+1000 {
			t.Fatalf("bid %d: bidder %d, late %d", i, a, b)
		}
	}
}

func TestOnlyAPermutationDealsEventsOutOfOrder(t *testing.T) {
	for name, c := range map[string]struct {
		config nexmark.Config
		want   string
	}{
		"a group that is a multiple of the factor": {nexmark.Config{OutOfOrderGroup: 1906}, "multiple of 953"},
		"events before the beginning":              {nexmark.Config{FirstEvent: -1}, "the first event is -1"},
		"a negative rate":                          {nexmark.Config{EventsPerSecond: -1}, "the events per second is -1"},
		"an event larger than a record":            {nexmark.Config{BidBytes: 1 << 20}, "the size of a bid"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := nexmark.New(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestADataSetIsNamedByWhatItHolds(t *testing.T) {
	a, b := nexmark.Config{}, nexmark.Config{OutOfOrderGroup: 1, EventsPerSecond: 10_000}
	if a.Name() != b.Name() {
		t.Errorf("the same events have the names %s and %s", a.Name(), b.Name())
	}
	if c := (nexmark.Config{Events: 1}); c.Name() == a.Name() {
		t.Errorf("different events have the name %s", c.Name())
	}
}

func TestMakingAnEventAllocatesNothing(t *testing.T) {
	g, line, i := generator(t, nexmark.Config{}), make([]byte, 0, 4096), int64(0)
	if n := testing.AllocsPerRun(1000, func() {
		e := g.Event(i)
		line = g.AppendKey(g.AppendJSON(line[:0], e), e)
		i++
	}); n > 0 {
		t.Errorf("%v allocations an event", n)
	}
}

func BenchmarkJSON(b *testing.B) {
	g, line, bytes := generator(b, nexmark.Config{}), make([]byte, 0, 4096), 0
	b.ReportAllocs()
	for i := range b.N {
		line = g.AppendJSON(line[:0], g.Event(int64(i)))
		bytes += len(line)
	}
	b.SetBytes(int64(bytes / b.N))
}

func TestTheEventsOfAKindAreWhereTheySayTheyAre(t *testing.T) {
	g, counts := generator(t, nexmark.Config{}), map[nexmark.Kind]int64{}
	for i := range int64(1000) {
		k := g.Event(i).Kind
		if at := k.Position(counts[k]); at != i {
			t.Fatalf("%s %d is at %d, not at %d", k, counts[k], i, at)
		}
		counts[k]++
	}
}
