// Package topicplan decides what to do about one StreamTopic: from the spec, the status and the topic as Kafka shows it
// to the actions and the verdict. It talks to nobody.
//
//	held by an older StreamTopic ──► nothing, and say whose it is
//	not managed ───────────────────► nothing, and say whether it is there
//	not there ─────────────────────► create
//	not there, and was ours ───────► create, empty, and warn
//	there, not ours ───────────────► adopt by policy, or say why not
//	there, ours, spec changed ─────► alter, grow, refuse to shrink
//	there, ours, spec the same ────► what differs was changed by others: put back, and warn
//	there, ours, other id ─────────► made anew behind our back: adopt under Always, else say so
//	deleted ───────────────────────► delete under Delete, when it is ours and nobody else holds it
package topicplan
