// Package topicplan decides what to do about one StreamTopic: from the spec, the status and the topic as Kafka shows it
// to the actions and the verdict. It talks to nobody.
//
//	not there ──────────────► create
//	there, not ours ────────► adopt by policy, or say why not
//	there, ours ────────────► alter what drifted, grow, refuse to shrink
//	there, ours, other id ──► made anew behind our back: adopt under Always, else say so
package topicplan
