package launch

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/cmd/millrace/embedded"
	"github.com/millrace/millrace/runtime/fault"
)

// brokerPatience is how long a broker named by the user may take to answer at all.
const brokerPatience = 10 * time.Second

// broker is where the run's topics live: the embedded one, or the user's.
type broker struct {
	addresses []string
	close     func()
}

func openBroker(ctx context.Context, kafka string) (*broker, error) {
	if kafka == "" {
		b, err := embedded.Start()
		if err != nil {
			return nil, err
		}
		return &broker{[]string{b.Address()}, b.Close}, nil
	}
	addresses := strings.Split(kafka, ",")
	for _, a := range addresses {
		if host, port, err := net.SplitHostPort(a); err != nil || host == "" || port == "" {
			return nil, fault.New(fault.User, fault.InField("--kafka"), "%q is not HOST:PORT", a).Do("write --kafka localhost:9092")
		}
	}
	b := &broker{addresses, func() {}}
	client, err := b.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	patience, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	if err := client.Ping(patience); err != nil {
		return nil, fault.Wrap(fault.Transient, err, "no Kafka broker answers at %s", kafka).At(fault.InField("--kafka")).
			Do("check the address, and that the broker's advertised listener can be reached from here")
	}
	return b, nil
}

func (b *broker) client(more ...kgo.Opt) (*kgo.Client, error) {
	opts := append([]kgo.Opt{kgo.SeedBrokers(b.addresses...), kgo.MetadataMinAge(100 * time.Millisecond), kgo.ClientID("millrace-cli")}, more...)
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "make a Kafka client")
	}
	return client, nil
}

// ensure creates the topics that are not there and returns the number of partitions of each. A topic in mustExist is
// not created: nothing would ever be in it.
func (b *broker) ensure(ctx context.Context, partitions map[string]int32, mustExist []string) (map[string]int32, error) {
	client, err := b.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	names := make([]string, 0, len(partitions))
	for t := range partitions {
		names = append(names, t)
	}
	found, err := admin.ListTopics(ctx, names...)
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "list the topics")
	}
	for _, t := range mustExist {
		if !found.Has(t) {
			return nil, fault.New(fault.User, fault.Place{}, "topic %q is not on the broker", t).Do("create it, or fill it with --input %s=FILE", t)
		}
	}
	counts := map[string]int32{}
	for t, n := range partitions {
		if found.Has(t) {
			counts[t] = int32(len(found[t].Partitions)) //nolint:gosec // Kafka counts partitions in 32 bits
			continue
		}
		if _, err := admin.CreateTopic(ctx, n, -1, nil, t); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return nil, fault.Wrap(fault.Transient, err, "create topic %s", t)
		}
		counts[t] = n
	}
	return counts, nil
}

// ends returns the end offsets of a topic's partitions.
func (b *broker) ends(ctx context.Context, topic string) (map[int32]int64, error) {
	client, err := b.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	listed, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "find the end of topic %s", topic)
	}
	ends := map[int32]int64{}
	for p, o := range listed[topic] {
		ends[p] = o.Offset
	}
	return ends, nil
}

// reader returns a client that reads a topic's committed records from these offsets on.
func (b *broker) reader(topic string, from map[int32]int64) (*kgo.Client, error) {
	offsets := map[int32]kgo.Offset{}
	for p, o := range from {
		offsets[p] = kgo.NewOffset().At(o)
	}
	return b.client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: offsets}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxWait(100*time.Millisecond))
}
