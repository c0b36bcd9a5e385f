//go:build integration

package kafka_test

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/kafka"
)

// What a test relies on: what was acknowledged before a crash is there after it, at the same address, transactions included.
func TestAcknowledgedRecordsOutliveAKill(t *testing.T) {
	ctx := t.Context()
	broker := kafka.Start(t)
	createTopic(ctx, t, broker, "rows")

	producer := newClient(t, broker, kgo.TransactionalID("writer"), kgo.DefaultProduceTopic("rows"))
	for _, row := range []struct {
		value   string
		outcome kgo.TransactionEndTry
	}{{"first", kgo.TryCommit}, {"aborted", kgo.TryAbort}, {"second", kgo.TryCommit}} {
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := producer.ProduceSync(ctx, kgo.StringRecord(row.value)).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := producer.EndTransaction(ctx, row.outcome); err != nil {
			t.Fatal(err)
		}
	}

	broker.Kill(t)
	broker.Restart(t)

	consumer := newClient(t, broker, kgo.ConsumeTopics("rows"), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	var values []string
	for len(values) < 2 {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(record *kgo.Record) { values = append(values, string(record.Value)) })
	}
	if len(values) != 2 || values[0] != "first" || values[1] != "second" {
		t.Errorf("read committed after a kill: got %q, want [first second]", values)
	}
}

func createTopic(ctx context.Context, t *testing.T, broker *kafka.Broker, name string) {
	t.Helper()
	if _, err := kadm.NewClient(newClient(t, broker)).CreateTopic(ctx, 1, 1, nil, name); err != nil {
		t.Fatal(err)
	}
}

func newClient(t *testing.T, broker *kafka.Broker, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(broker.Address()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
