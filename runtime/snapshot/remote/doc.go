// Package remote keeps a snapshot.Blobs in another process. The clients of blob stores are large: in the worker's own they took 46 MiB
// of its memory, and two thirds of its file, whether snapshots were on or not.
//
//	worker: Client ─► net/rpc over the child's standard input and output ─► cmd/blobs: Serve ─► blobstore
//
// The child ends when its standard input does, so it never outlives the worker.
package remote
