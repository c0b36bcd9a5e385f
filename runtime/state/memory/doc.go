// Package memory is the state backend that keeps everything in memory. It lives as long as its process: after a crash
// every store is empty, at the zero position, and the changelog is replayed from its start. Its size is that of the
// state; a job whose state outgrows memory uses another backend.
//
// A store is an ordered list of blocks of some hundred entries, each sorted:
//
//	blocks ─► [a b c …] [k l m …] [t u v …]
//
// A write is two binary searches and a move inside a block; a deleted range drops whole blocks.
package memory
