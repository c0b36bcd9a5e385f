// Package nexmark makes the bids of the Nexmark benchmark: each event follows from its number alone, so that any part of
// the stream can be made anew, anywhere, and is the same.
//
// Numbering, ids and skew are those of the benchmark's Flink edition (github.com/nexmark/nexmark, NexmarkGenerator and
// BidGenerator): of 50 events in a row the first is a person, the next three are auctions, the others bids; half of the
// bids go to a hot auction, three quarters come from a hot bidder; a price is 100 times a power of ten between 0 and 6.
// Two things differ and are said: random numbers come from a counter-based generator seeded by the event's number (there
// they are unseeded), and 1000 is added to a bidder once (there twice, which makes the bidder somebody who registers
// 50 000 events later).
package nexmark
