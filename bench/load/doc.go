// Package load fills Kafka topics with a Nexmark data set, once.
//
//	marker says: there, complete, and the topics end where it says ─► nothing to do
//	                                        otherwise ─► marker: begun ─► topics anew ─► events ─► marker: complete
//
// The marker is a record in a compacted topic of its own. It is written before the topics are touched and again when all
// is in them, so that a load that was broken off is known for what it is, and topics that somebody else has filled are
// not taken for ours.
package load
