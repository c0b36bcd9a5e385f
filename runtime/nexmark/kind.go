package nexmark

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Kind is what an event is.
type Kind uint8

// The kinds of events.
const (
	// Person is somebody who registers.
	Person Kind = iota
	// Auction is an auction that is opened.
	Auction
	// Bid is a bid on an auction.
	Bid
)

// Kinds returns all kinds, in the order of their constants.
func Kinds() []Kind { return []Kind{Person, Auction, Bid} }

// String returns "person", "auction" or "bid".
func (k Kind) String() string { return [...]string{"person", "auction", "bid"}[k] }

// MarshalText returns the kind's name: documents hold that.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	for _, known := range Kinds() {
		if known.String() == string(text) {
			*k = known
			return nil
		}
	}
	return fault.New(fault.User, fault.Place{}, "%q is no kind of Nexmark's events", text)
}

// Schema returns the columns of a kind, named and typed as by the benchmark.
func (k Kind) Schema() types.Schema {
	columns := k.columns()
	list := make([]types.Column, len(columns))
	for i, c := range columns {
		list[i] = types.Column{Name: c.name, Kind: c.kind}
	}
	return types.Schema{Columns: list}
}

func (k Kind) columns() []column {
	switch k {
	case Person:
		return personColumns()
	case Auction:
		return auctionColumns()
	case Bid:
		return bidColumns()
	default:
		return nil
	}
}

// Position returns where the n-th event of the kind, counted from 0, is in a stream that begins at event 0 and is in
// order.
func (k Kind) Position(n int64) int64 {
	first, many := int64(0), int64(1)
	switch k {
	case Person:
	case Auction:
		first, many = 1, auctionsInGroup
	case Bid:
		first, many = firstBid, group-firstBid
	}
	return n/many*group + first + n%many
}
