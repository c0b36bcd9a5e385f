// Package memory is the state backend that keeps everything in memory. It lives as long as its process: after a crash
// every store is empty, at the zero position, and the changelog is replayed from its start. Its size is that of the
// state; a job whose state outgrows memory uses another backend.
//
// A store knows where keys are looked up one by one (state.Bucketed): the groups of one window, say. Those that share the
// window's bytes are a hash table, which is put in order only when somebody scans it, and dropped as a whole:
//
//	"count\x00" by 8 bytes ─► [w1] hash table   [w2] hash table   [w3] …
//	all other keys         ─► sorted blocks: [a b c …] [k l m …] [t u v …]
//
// The writes of a commit are looked up some dozens at a time, so that the processor waits for their cache lines together.
package memory
