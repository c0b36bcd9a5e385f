// Package nexmark makes the events of the Nexmark benchmark: persons who register, auctions that they open, bids on them.
// Each event follows from its number alone, so that any part of the stream can be made anew, anywhere, in any order, and
// is the same: the source connector reads on from an offset without making what lies before it, and a data set needs no
// file to be compared with.
//
//	position ─► number ─► id (disorder) ─┬─ kind: of 50 ids in a row a person, three auctions, 46 bids
//	                                     ├─ event time
//	                                     └─ id, field, seed ─► random numbers ─► values ─► columns, JSON
//
// Numbering, ids, skew, prices and texts are those of the benchmark's Flink edition (github.com/nexmark/nexmark,
// NexmarkGenerator and {Person,Auction,Bid,Price,Strings}Generator). What differs, and why:
//
//   - Random numbers come from SplitMix64, seeded by (seed, id, field); there they are unseeded, and two runs differ.
//     A field for itself, so that a query that reads one column makes one.
//   - 1000 is added to a bidder once. There it happens twice, which makes the bidder somebody who registers about 50 000
//     events later; Config.LateBidders does the same.
//   - Event times are computed in integers. There a rounded double stands between an event and its time.
//   - A price is found in a table of 1024 steps a decade with a straight line between them, off by less than a millionth:
//     math.Pow may differ in its last bit from one processor to the next.
//   - Long texts are cut from one random megabyte in all cases; there only the field extra is.
package nexmark
