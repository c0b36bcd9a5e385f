// Package kafka runs a real Kafka broker for tests: one KRaft node from the jars that the Kafka project publishes, on loopback, with free ports
// and a data folder of its own. No container engine is needed, only a JVM.
//
// An in-process broker (kfake) is quicker and serves most tests; what it says about transactions, fencing and crashes is a model, though, and
// tests with this package hold the model against the thing itself. They carry the build tag "integration", so that `go test ./...` works where no
// Java is.
//
//	func TestSomething(t *testing.T) {
//		broker := kafka.Start(t)            // stopped when the test ends
//		client := kgo.NewClient(kgo.SeedBrokers(broker.Address()))
//		broker.Kill(t)                      // SIGKILL: what was not flushed is lost to the process, not to the disk
//		broker.Restart(t)                   // same address, same data
//	}
//
// A start takes two to four seconds, so tests share a broker by being subtests of one test, or through [Main].
package kafka
