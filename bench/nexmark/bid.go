package nexmark

import (
	"math"
	"strconv"
)

// The shape of the stream.
const (
	group           = 50 // a person, three auctions, 46 bids
	firstBid        = 4
	firstID         = 1000
	activePeople    = 1000
	auctionsInGroup = 3
	auctionsRunning = 100
	idsAhead        = 10
	hotEvery        = 100
	channels        = 10_000
	extraBytes      = 68 // what brings a bid to about 100 bytes of values, as the benchmark asks
)

// Bid is one bid.
type Bid struct {
	Auction, Bidder, Price int64
	// Millis is the event time, in milliseconds since the epoch.
	Millis int64
	// number seeds what only AppendJSON needs.
	number int64
}

// Stream numbers the bids of a run.
type Stream struct {
	// BaseMillis is the event time of event 0, and EventsPerSecond how many events share a second of event time.
	BaseMillis, EventsPerSecond int64
}

// Bid returns the n-th bid, from 0.
func (s Stream) Bid(n int64) Bid {
	const perGroup = group - firstBid
	number := n/perGroup*group + firstBid + n%perGroup
	r := random(number) //nolint:gosec // a seed: any bits will do
	b := Bid{Millis: s.BaseMillis + number*1000/s.EventsPerSecond, number: number}
	lastAuction, lastPerson := number/group*auctionsInGroup+auctionsInGroup-1, number/group
	if r.below(2) > 0 {
		b.Auction = lastAuction / hotEvery * hotEvery
	} else {
		lowest := max(lastAuction-auctionsRunning, 0)
		b.Auction = lowest + r.below(lastAuction-lowest+1+idsAhead)
	}
	if r.below(4) > 0 {
		b.Bidder = lastPerson/hotEvery*hotEvery + 1
	} else {
		people := lastPerson + 1
		active := min(people, activePeople)
		b.Bidder = people - active + r.below(active+idsAhead)
	}
	b.Auction += firstID
	b.Bidder += firstID
	b.Price = int64(math.Round(math.Pow(10, r.unit()*6) * 100))
	return b
}

// AppendJSON appends the bid as a JSON object: auction, bidder, price, channel, url, dateTime (milliseconds), extra.
func (b Bid) AppendJSON(dst []byte) []byte {
	r := random(^b.number) //nolint:gosec // a seed: any bits will do
	dst = append(dst, `{"auction":`...)
	dst = strconv.AppendInt(dst, b.Auction, 10)
	dst = append(dst, `,"bidder":`...)
	dst = strconv.AppendInt(dst, b.Bidder, 10)
	dst = append(dst, `,"price":`...)
	dst = strconv.AppendInt(dst, b.Price, 10)
	dst = append(dst, `,"channel":"`...)
	channel := int64(-1)
	if r.below(2) > 0 {
		dst = append(dst, [...]string{"Google", "Facebook", "Baidu", "Apple"}[r.below(4)]...)
	} else {
		channel = r.below(channels)
		dst = append(dst, "channel-"...)
		dst = strconv.AppendInt(dst, channel, 10)
	}
	dst = append(dst, `","url":"https://www.nexmark.com/`...)
	for range 3 {
		dst = append(word(dst, &r, 3+r.below(2)), '/')
	}
	dst = append(dst, `item.htm?query=1`...)
	if channel >= 0 && r.below(10) > 0 {
		dst = append(dst, `&channel_id=`...)
		dst = strconv.AppendInt(dst, channel, 10)
	}
	dst = append(dst, `","dateTime":`...)
	dst = strconv.AppendInt(dst, b.Millis, 10)
	dst = append(dst, `,"extra":"`...)
	dst = word(dst, &r, extraBytes*4/5+r.below(extraBytes*2/5))
	return append(dst, `"}`...)
}

// word appends n lower-case letters.
func word(dst []byte, r *random, n int64) []byte {
	bitsLeft, pool := 0, uint64(0)
	for range n {
		if bitsLeft < 5 {
			bitsLeft, pool = 60, r.next()
		}
		dst = append(dst, 'a'+byte(pool&31)%26)
		pool >>= 5
		bitsLeft -= 5
	}
	return dst
}
