// Package proxy stands between workers and a broker and does to their connections what networks do.
//
//	worker ── link ──┐                     each link, each direction:
//	worker ── link ──┼─ Proxy ── broker    read ─► queue of chunks with the time they are due ─► write
//	worker ── link ──┘
//
// Of Kafka's protocol it knows where requests begin and of what kind they are. What is lost is lost somewhere in the stream of
// bytes, so that a connection that has lost something is of no use, and is cut.
package proxy
