package nexmark_test

import (
	"encoding/json"
	"hash/crc32"
	"testing"

	"github.com/millrace/millrace/bench/nexmark"
)

func stream() nexmark.Stream {
	return nexmark.Stream{BaseMillis: 1_436_918_400_000, EventsPerSecond: 10_000}
}

// The stream is a promise: figures of different days compare only when the bids are the same.
func TestTheFirstBidsAreTheSameForEver(t *testing.T) {
	sum := crc32.NewIEEE()
	var line []byte
	for n := range int64(10_000) {
		line = stream().Bid(n).AppendJSON(line[:0])
		if !json.Valid(line) {
			t.Fatalf("bid %d is not JSON: %s", n, line)
		}
		_, _ = sum.Write(line)
	}
	const want = 4152832023
	if got := sum.Sum32(); got != want {
		t.Errorf("checksum of 10 000 bids %d, want %d; the first: %s", got, want, stream().Bid(0).AppendJSON(nil))
	}
}

func TestHalfOfTheBidsGoToHotAuctionsAndThreeQuartersComeFromHotBidders(t *testing.T) {
	const n = 100_000
	auctions, bidders, last := map[int64]int{}, map[int64]int{}, int64(0)
	for i := range int64(n) {
		b := stream().Bid(i)
		auctions[b.Auction]++
		bidders[b.Bidder]++
		if b.Millis < last || b.Price < 100 || b.Price > 100_000_000 {
			t.Fatalf("bid %d: %+v after %d", i, b, last)
		}
		last = b.Millis
	}
	hot := 0
	for id, count := range bidders {
		if (id-1000)%100 == 1 {
			hot += count
		}
	}
	if hot < n*74/100 || hot > n*77/100 {
		t.Errorf("%d of %d bids come from hot bidders", hot, n)
	}
	if len(auctions) < 5000 {
		t.Errorf("only %d auctions", len(auctions))
	}
}

func BenchmarkBid(b *testing.B) {
	var line []byte
	for i := range b.N {
		line = stream().Bid(int64(i)).AppendJSON(line[:0])
	}
	b.SetBytes(int64(len(line)))
}
