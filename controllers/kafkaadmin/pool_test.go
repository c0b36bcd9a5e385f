package kafkaadmin_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/runtime/connector/kafka"
)

// What a Secret held before it was changed does not stay connected for ever.
func TestAClusterThatNobodyAsksForIsClosed(t *testing.T) {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	pool := kafkaadmin.NewPool(func() time.Time { return now })
	defer pool.Close()
	get := func(hash string) *kafkaadmin.Cluster {
		t.Helper()
		c, err := pool.Get(kafkaadmin.Identity{Connection: "c", Hash: hash}, kafka.Options{Brokers: broker.ListenAddrs()})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	before := get("before")
	for range 3 {
		now = now.Add(4 * time.Minute)
		if id, brokers, err := get("after").Identify(t.Context()); err != nil || id == "" || brokers != 1 {
			t.Fatalf("%q %d %v", id, brokers, err)
		}
	}
	if _, _, err := before.Identify(t.Context()); err == nil {
		t.Error("the former cluster is still open")
	}
	if get("before") == before {
		t.Error("a closed cluster was given out")
	}
}
