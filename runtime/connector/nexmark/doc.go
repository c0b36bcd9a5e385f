// Package nexmark is a source whose rows are made: the events of the Nexmark benchmark, of one kind, in splits.
//
//	split 0:  events   0 …  49, 150 … 199, …        offset = events of the split so far
//	split 1:  events  50 …  99, 200 … 249, …
//	split 2:  events 100 … 149, 250 … 299, …
//
// A split takes every n-th group of 50 events, so that all splits are at the same event time. It keeps nothing: what it
// gives follows from the offset alone, so to go back is to ask for the offset again. The offset is committed as that of a
// partition of an empty topic (physical.Topics.Splits), in the same transaction as everything else of the task; so the
// group gives splits away like partitions, and exactly once is what it is for a topic.
//
// A record is its event's position, in eight bytes. The Decoder makes of it the columns that are read, and only these.
package nexmark
