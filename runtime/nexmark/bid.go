package nexmark

import (
	"math/bits"
	"strconv"
)

const (
	channels   = 10_000
	bidNumbers = 32 // what auction, bidder, price and time count in a bid's size
)

func hotChannels() []string { return []string{"Google", "Facebook", "Baidu", "Apple"} }

func bidColumns() []column {
	return []column{
		numberColumn("auction", bidAuction),
		numberColumn("bidder", bidBidder),
		numberColumn("price", bidPrice),
		textColumn("channel", bidChannel),
		textColumn("url", bidURL),
		timeColumn("dateTime", eventMillis),
		textColumn("extra", bidExtra),
	}
}

func bidAuction(g *Generator, e Event) int64 {
	r := g.random(e, fieldAuction)
	last := lastAuction(e.ID)
	if r.below(g.c.HotAuctionRatio) > 0 {
		return firstID + last/hotEvery*hotEvery
	}
	lowest := max(last-auctionsRunning, 0)
	return firstID + lowest + r.below(last-lowest+1+idsAhead)
}

func bidBidder(g *Generator, e Event) int64 {
	r := g.random(e, fieldBidder)
	bidder := int64(firstID)
	if g.c.LateBidders {
		bidder += firstID
	}
	if r.below(g.c.HotBidderRatio) > 0 {
		return bidder + lastPerson(e.ID)/hotEvery*hotEvery + 1
	}
	return bidder + somebody(&r, e.ID)
}

func bidPrice(g *Generator, e Event) int64 {
	r := g.random(e, fieldPrice)
	return g.prices.price(&r)
}

// channel returns the number of a bid's channel, or, below zero, -1 minus that of a hot one.
func (g *Generator) channel(e Event) int64 {
	r := g.random(e, fieldChannel)
	if r.below(2) > 0 {
		return -1 - r.below(int64(len(hotChannels())))
	}
	return r.below(channels)
}

func bidChannel(g *Generator, dst []byte, e Event) []byte { return appendChannel(dst, g.channel(e)) }

func appendChannel(dst []byte, channel int64) []byte {
	if channel < 0 {
		return append(dst, hotChannels()[-1-channel]...)
	}
	return strconv.AppendInt(append(dst, "channel-"...), channel, 10)
}

func bidURL(g *Generator, dst []byte, e Event) []byte { return g.appendURL(dst, g.channel(e)) }

// appendURL appends the address of a channel, which is the same in all its bids. Nine of ten channels that are not hot
// name themselves in it.
func (g *Generator) appendURL(dst []byte, channel int64) []byte {
	if channel < 0 {
		r := randomOf(g.seed, -1-channel, fieldHotURL)
		return url(dst, &r)
	}
	r := randomOf(g.seed, channel, fieldURL)
	dst = url(dst, &r)
	if r.below(10) == 0 {
		return dst
	}
	id := int64(int32(bits.Reverse32(uint32(channel)))) //nolint:gosec // the benchmark's way to scatter the ids
	return strconv.AppendInt(append(dst, "&channel_id="...), max(id, -id), 10)
}

func bidExtra(g *Generator, dst []byte, e Event) []byte {
	return g.extra(dst, e.ID, bidNumbers, g.c.BidBytes)
}

func (g *Generator) appendBid(dst []byte, e Event) []byte {
	channel := g.channel(e)
	dst = append(dst, `{"auction":`...)
	dst = strconv.AppendInt(dst, bidAuction(g, e), 10)
	dst = append(dst, `,"bidder":`...)
	dst = strconv.AppendInt(dst, bidBidder(g, e), 10)
	dst = append(dst, `,"price":`...)
	dst = strconv.AppendInt(dst, bidPrice(g, e), 10)
	dst = append(dst, `,"channel":"`...)
	dst = appendChannel(dst, channel)
	dst = append(dst, `","url":"`...)
	dst = g.appendURL(dst, channel)
	dst = append(dst, `","dateTime":`...)
	dst = strconv.AppendInt(dst, e.Millis, 10)
	dst = append(dst, `,"extra":"`...)
	dst = bidExtra(g, dst, e)
	return append(dst, `"}`...)
}
