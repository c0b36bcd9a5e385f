// Package embedded runs a Kafka broker inside the process, so that a job runs on a laptop with nothing installed. It is
// kfake, the broker that the franz-go project tests its client against; it keeps its log in memory and listens on
// loopback.
package embedded
