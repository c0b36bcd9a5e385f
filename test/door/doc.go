// Package door asks workers of what their jobs have counted, as whoever has the token does: over TLS, by keys of every type, on an
// in-process Kafka in real time. What an answer is worth while transactions fail is shown by test/sim.
package door
