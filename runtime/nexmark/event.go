package nexmark

import "strconv"

// Event says which event it is; everything else follows from it.
type Event struct {
	// ID is the number of the event in event time. It differs from its position where events are dealt out of order.
	ID int64
	// Millis is the event time, in milliseconds since the epoch.
	Millis int64
	Kind   Kind
}

// AppendJSON appends the event as a JSON object, its times in milliseconds since the epoch. Allocates nothing.
func (g *Generator) AppendJSON(dst []byte, e Event) []byte {
	switch e.Kind {
	case Person:
		return g.appendPerson(dst, e)
	case Auction:
		return g.appendAuction(dst, e)
	case Bid:
		return g.appendBid(dst, e)
	default:
		return dst
	}
}

// AppendKey appends what the benchmark's topics are partitioned by, in decimal: a person's and an auction's id, and the
// auction that a bid is for.
func (g *Generator) AppendKey(dst []byte, e Event) []byte {
	switch e.Kind {
	case Person:
		return strconv.AppendInt(dst, personID(g, e), 10)
	case Auction:
		return strconv.AppendInt(dst, auctionID(g, e), 10)
	case Bid:
		return strconv.AppendInt(dst, bidAuction(g, e), 10)
	default:
		return dst
	}
}
