// Package kafka is the one place of the runtime that talks to Kafka.
//
//	Member    one member of the job's group: which partitions are ours, and their records
//	Producer  one transactional producer: outputs, exchanges and changelogs, and the commit; or one without transactions
//	Replay    reads changelogs back
//	Tail      follows one of them
//	Admin     topics, offsets, fences, retention
//
// One worker has one Member and one Producer. franz-go's GroupTransactSession is not used: it aborts on every
// revocation, rewinds to what was polled, and rewinds without asking when the outcome of a commit is unknown. Instead
// the offsets join the producer's transaction by a TxnOffsetCommit made by hand, with the member's generation: a member
// that the group has given up cannot commit (KIP-447).
//
// A Member reads its partitions with Fetch requests of its own, and a Producer encodes its records into the batches of its own Produce
// requests: see fetcher and sender, and the package recordbatch below this one. franz-go has the connections, the
// metadata of what is read, the way to coordinators, and the group.
//
// Nothing of franz-go is in the exported API, but Security.ClientOptions.
package kafka
