// Package integration runs worker processes against a real Kafka and kills what can be killed: workers at random, the
// broker, a zombie's hopes. What comes out is read by a consumer of its own. The tests carry the build tag
// "integration"; test/kafka starts the broker.
package integration
