package nexmark

import "strconv"

const (
	itemLength        = 20
	descriptionLength = 100
)

func auctionColumns() []column {
	return []column{
		numberColumn("id", auctionID),
		textColumn("itemName", auctionItem),
		textColumn("description", auctionDescription),
		numberColumn("initialBid", auctionInitialBid),
		numberColumn("reserve", auctionReserve),
		timeColumn("dateTime", eventMillis),
		timeColumn("expires", auctionExpires),
		numberColumn("seller", auctionSeller),
		numberColumn("category", auctionCategory),
		textColumn("extra", auctionExtra),
	}
}

func auctionID(_ *Generator, e Event) int64 { return firstID + lastAuction(e.ID) }

func auctionItem(g *Generator, dst []byte, e Event) []byte {
	r := g.random(e, fieldItem)
	return g.phrase(dst, &r, itemLength)
}

func auctionDescription(g *Generator, dst []byte, e Event) []byte {
	r := g.random(e, fieldDescription)
	return g.phrase(dst, &r, descriptionLength)
}

func auctionInitialBid(g *Generator, e Event) int64 {
	r := g.random(e, fieldInitial)
	return g.prices.price(&r)
}

func auctionReserve(g *Generator, e Event) int64 {
	r := g.random(e, fieldReserve)
	return auctionInitialBid(g, e) + g.prices.price(&r)
}

// auctionExpires is up to twice as long after the beginning as it takes until 100 more auctions are open.
func auctionExpires(g *Generator, e Event) int64 {
	horizon := g.millis(e.ID+auctionsRunning*group/auctionsInGroup) - e.Millis
	r := g.random(e, fieldExpires)
	return e.Millis + 1 + r.below(max(2*horizon, 1))
}

func auctionSeller(g *Generator, e Event) int64 {
	r := g.random(e, fieldSeller)
	if r.below(g.c.HotSellerRatio) > 0 {
		return firstID + lastPerson(e.ID)/hotEvery*hotEvery
	}
	return firstID + somebody(&r, e.ID)
}

func auctionCategory(g *Generator, e Event) int64 {
	r := g.random(e, fieldCategory)
	return firstCategory + r.below(categories)
}

func auctionExtra(g *Generator, dst []byte, e Event) []byte {
	begin := len(dst)
	dst = auctionDescription(g, auctionItem(g, dst, e), e)
	return g.auctionExtra(dst[:begin], e, len(dst)-begin)
}

func (g *Generator) auctionExtra(dst []byte, e Event, texts int) []byte {
	const numbers = 8 + 40
	return g.extra(dst, e.ID, numbers+int64(texts), g.c.AuctionBytes)
}

func (g *Generator) appendAuction(dst []byte, e Event) []byte {
	dst = append(dst, `{"id":`...)
	dst = strconv.AppendInt(dst, auctionID(g, e), 10)
	dst = append(dst, `,"itemName":"`...)
	begin := len(dst)
	dst = auctionItem(g, dst, e)
	texts := len(dst) - begin
	dst = append(dst, `","description":"`...)
	begin = len(dst)
	dst = auctionDescription(g, dst, e)
	texts += len(dst) - begin
	dst = append(dst, `","initialBid":`...)
	dst = strconv.AppendInt(dst, auctionInitialBid(g, e), 10)
	dst = append(dst, `,"reserve":`...)
	dst = strconv.AppendInt(dst, auctionReserve(g, e), 10)
	dst = append(dst, `,"dateTime":`...)
	dst = strconv.AppendInt(dst, e.Millis, 10)
	dst = append(dst, `,"expires":`...)
	dst = strconv.AppendInt(dst, auctionExpires(g, e), 10)
	dst = append(dst, `,"seller":`...)
	dst = strconv.AppendInt(dst, auctionSeller(g, e), 10)
	dst = append(dst, `,"category":`...)
	dst = strconv.AppendInt(dst, auctionCategory(g, e), 10)
	dst = append(dst, `,"extra":"`...)
	dst = g.auctionExtra(dst, e, texts)
	return append(dst, `"}`...)
}
