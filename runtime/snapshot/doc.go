// Package snapshot keeps copies of tasks' state in a blob store, so that a changelog stays short and a lost disk is filled
// from a copy and the tail behind it.
//
//	state.Frozen ─► files cut by keys ─► upload what is new ─► read back ─► manifest, written last
//	state.Loader ◄─ decode ◄─ checksum ◄─ fetch            ◄─ newest usable manifest
//
// A snapshot equals one commit of one task. It is there when its manifest is; the manifest names the files, with their
// sizes and checksums, and the position in the changelog at which to go on.
//
//	<job>/<state epoch>/<stage>/<partition>/<id of the changelog topic>/
//	    snapshots/<commit>-<attempt>.json
//	    data/<commit>-<attempt>-<number>
//
// The topic's id is part of the name, because a topic that was deleted and made again counts its offsets anew.
//
// Files end where a hash of the next key says so, so that keys which did not change make the same files again, and these are
// not uploaded again: the manifest names the old ones. No name is ever written twice. So to delete a file can never hit one
// that another worker has just written, and a worker that has lost its task without knowing does no harm: what it writes is
// a true copy of an older commit, and what it deletes was replaced before its last look.
//
// Order makes a crash harmless at any point: files before the manifest that names them; when they go, the manifest first.
// Files without a manifest are swept when they are older than any attempt can be.
package snapshot
