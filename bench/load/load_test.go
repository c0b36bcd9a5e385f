package load_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/bench/load"
	"github.com/millrace/millrace/runtime/nexmark"
)

const events = 20_000

func config() load.Config {
	return load.Config{
		Events: nexmark.Config{Events: events}, Topics: [3]string{"person", "auction", "bid"}, Marker: "loaded",
		Partitions: 4, Compression: "lz4", Closing: true,
	}
}

func broker(t *testing.T) kgo.Opt {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return kgo.SeedBrokers(c.ListenAddrs()...)
}

func run(t *testing.T, c load.Config, how kgo.Opt) load.Result {
	t.Helper()
	r, err := load.Run(t.Context(), c, &load.Progress{}, how)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// read returns what the topics hold, by topic and partition.
func read(t *testing.T, how kgo.Opt, records int64) map[string][]*kgo.Record {
	t.Helper()
	client, err := kgo.NewClient(how, kgo.ConsumeTopics("person", "auction", "bid"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	got := map[string][]*kgo.Record{}
	for n := int64(0); n < records; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("after %d of %d records: %v", n, records, err)
		}
		for r := range fetches.RecordsAll() {
			got[r.Topic] = append(got[r.Topic], r)
			n++
		}
	}
	return got
}

func TestALoadHoldsEachEventOnceAndOneThatClosesWindowsInEachPartition(t *testing.T) {
	how := broker(t)
	r := run(t, config(), how)
	want := map[string]int64{"person": events/50 + 4, "auction": events/50*3 + 4, "bid": events/50*46 + 4}
	if !r.Loaded || !maps.Equal(r.Records, want) {
		t.Fatalf("%+v, want %v", r, want)
	}
	g, err := nexmark.New(config().Events)
	if err != nil {
		t.Fatal(err)
	}
	missing, closing := map[string]int{}, map[string]map[int32]bool{"person": {}, "auction": {}, "bid": {}}
	for i := range int64(events) {
		e := g.Event(i)
		missing[e.Kind.String()+string(g.AppendKey(nil, e))+string(g.AppendJSON(nil, e))]++
	}
	last := g.Event(events).Millis
	byKey := map[string]int32{}
	for topic, records := range read(t, how, events+12) {
		for _, r := range records {
			if r.Timestamp.UnixMilli() > last {
				closing[topic][r.Partition] = true
				continue
			}
			missing[topic+string(r.Key)+string(r.Value)]--
			if at, known := byKey[topic+string(r.Key)]; known && at != r.Partition {
				t.Fatalf("%s %s is in partitions %d and %d", topic, r.Key, at, r.Partition)
			}
			byKey[topic+string(r.Key)] = r.Partition
		}
	}
	for e, n := range missing {
		if n != 0 {
			t.Fatalf("%d times too few: %s", n, e)
		}
	}
	for topic, partitions := range closing {
		if len(partitions) != 4 {
			t.Errorf("%s: only %d partitions are closed", topic, len(partitions))
		}
	}
}

func TestALoadIsMadeOnce(t *testing.T) {
	how := broker(t)
	first := run(t, config(), how)
	again := run(t, config(), how)
	if again.Loaded || again.Digest != first.Digest || !maps.Equal(again.Records, first.Records) {
		t.Errorf("first %+v\nagain %+v", first, again)
	}
	other := config()
	other.Events.Seed = 1
	if r := run(t, other, how); !r.Loaded || r.Digest == first.Digest {
		t.Errorf("another data set in the same topics: %+v", r)
	}
}

func TestTopicsThatSomebodyAddedToAreLoadedAnew(t *testing.T) {
	how := broker(t)
	first := run(t, config(), how)
	client, err := kgo.NewClient(how)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "bid", Value: []byte("{}")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if r := run(t, config(), how); !r.Loaded || r.Digest != first.Digest || !maps.Equal(r.Records, first.Records) {
		t.Errorf("%+v, want %+v", r, first)
	}
}

func TestTopicsOfSomebodyElseAreLeftAlone(t *testing.T) {
	how := broker(t)
	client, err := kgo.NewClient(how)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 1, 1, nil, "bid"); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Run(t.Context(), config(), &load.Progress{}, how); err == nil || !strings.Contains(err.Error(), "no load has made: bid") {
		t.Errorf("got %v", err)
	}
	c := config()
	c.Replace = true
	if r := run(t, c, how); !r.Loaded {
		t.Errorf("asked to replace: %+v", r)
	}
}

func TestWhatCannotBeLoadedIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*load.Config)
		want   string
	}{
		"no end":              {func(c *load.Config) { c.Events.Events = 0 }, "must have an end"},
		"no partition":        {func(c *load.Config) { c.Partitions = 0 }, "0 partitions"},
		"unknown compression": {func(c *load.Config) { c.Compression = "rar" }, "unknown compression"},
		"one name for two":    {func(c *load.Config) { c.Marker = "bid" }, "four names"},
		"an impossible order": {func(c *load.Config) { c.Events.OutOfOrderGroup = 953 }, "multiple of 953"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config()
			c.change(&cfg)
			if _, err := load.Run(t.Context(), cfg, &load.Progress{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
