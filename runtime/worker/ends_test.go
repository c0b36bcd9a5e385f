package worker

import (
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

func TestTheEndThatAFetchSawIsOldOnceItsRowsHaveTakenLong(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for name, c := range map[string]struct {
		took time.Duration
		want bool
	}{
		"cheap rows":         {50 * time.Millisecond, false},
		"just before it":     {endsOld - 1, false},
		"rows that cost":     {endsOld, true},
		"or waited in a row": {time.Minute, true},
	} {
		if got := outlived(at, at.Add(c.took)); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestTheEndsOfPartitionsWhoseRowsTakeLongAreAskedForNowAndThen(t *testing.T) {
	const records = 5
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "slow", "quick"))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	more := func() {
		for _, topic := range []string{"slow", "quick"} {
			for range records {
				if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("x")}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	admin, err := kafka.NewAdmin(kafka.Options{Brokers: broker.ListenAddrs(), RequestRetries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	slow, quick := &running{slow: true, end: 1}, &running{end: 1}
	s := &session{Worker: &Worker{log: slog.New(slog.DiscardHandler)}, admin: admin, tasks: map[kafka.Partition]*running{{Topic: "slow"}: slow, {Topic: "quick"}: quick}}
	now := time.Unix(1_700_000_000, 0)
	ends := func(after time.Duration, want int64) {
		t.Helper()
		more()
		s.renew(t.Context(), now.Add(after))
		if slow.end != want || quick.end != 1 {
			t.Errorf("after %v the ends are %d and %d, want %d and 1", after, slow.end, quick.end, want)
		}
	}
	ends(0, records)
	ends(endsOld-1, records)
	ends(endsOld, 3*records)
}
