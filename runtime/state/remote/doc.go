// Package remote holds what stores on servers have in common: how a position is written, who may write, what became of a
// write whose answer was lost, and for how long a server that is away is waited for.
//
// A server keeps with each task who opened it last, the owner, a number that grows by one with each opening, and where
// it stands. A write is a compare-and-set on both:
//
//	opened by 4 at p1 ──► write(4, p1 → p2) ──► write(4, p2 → p3)
//	opened by 5 at p3 ──► write(5, p3 → p4)
//	                      write(4, p3 → p4)  fenced: nothing changes
//
// So a zombie changes nothing, a write that is sent twice is done once, and a server that was flushed, failed over or was
// restored from a backup says so by what it stands at. Nothing is lost then: the changelog brings it up to date.
package remote
