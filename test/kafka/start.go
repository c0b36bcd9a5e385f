package kafka

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// Start runs a broker of its own for the test and stops it when the test has ended. When the test failed, the broker's log is in the test's.
func Start(tb testing.TB, options ...Option) *Broker {
	tb.Helper()
	broker, err := Run(tb.Context(), tb.TempDir(), os.Stderr, options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := broker.Stop(); err != nil {
			tb.Error(err)
		}
		if tb.Failed() {
			tb.Log(broker.lastWords())
		}
	})
	return broker
}

// Kill is [Broker.Crash] for tests.
func (b *Broker) Kill(tb testing.TB) {
	tb.Helper()
	if err := b.Crash(); err != nil {
		tb.Fatal(err)
	}
}

// Restart is [Broker.Resume] for tests.
func (b *Broker) Restart(tb testing.TB) {
	tb.Helper()
	if err := b.Resume(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// Main is for a TestMain: it starts one broker for all tests of the package, stores it in shared, runs them and returns the exit status.
//
//	var broker *kafka.Broker
//
//	func TestMain(m *testing.M) { os.Exit(kafka.Main(m, &broker)) }
func Main(m *testing.M, shared **Broker) int {
	folder, err := os.MkdirTemp("", "millrace-kafka-")
	if err == nil {
		defer func() { _ = os.RemoveAll(folder) }()
		*shared, err = Run(context.Background(), folder, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = (*shared).Stop() }()
	return m.Run()
}
