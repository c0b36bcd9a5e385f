package kafka

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/runtime/fault"
)

const internalSegmentBytes = 64 << 20

// InternalTopic is a topic that Millrace makes for a job.
type InternalTopic struct {
	Name       string
	Partitions int
}

// Durability is how internal topics are replicated.
type Durability struct {
	// Replication is the replication factor; 0 means the broker's default.
	Replication int
	// MinInsyncReplicas is min.insync.replicas; 0 means the broker's default.
	MinInsyncReplicas int
}

// internalConfig is what every internal topic has: nothing disappears from it but by our own DeleteRecords.
func internalConfig(d Durability) map[string]string {
	c := map[string]string{
		"cleanup.policy":  "delete",
		"retention.ms":    "-1",
		"retention.bytes": "-1",
		"segment.bytes":   strconv.Itoa(internalSegmentBytes),
	}
	if d.MinInsyncReplicas > 0 {
		c["min.insync.replicas"] = strconv.Itoa(d.MinInsyncReplicas)
	}
	return c
}

// CreateInternal creates the topics that are not there, waits until they can be used, and verifies all of them. It is to
// be called before the first worker starts: workers that start while their topics are being made stall for seconds.
func (a *Admin) CreateInternal(ctx context.Context, topics []InternalTopic, d Durability) error {
	replication := int16(-1)
	if d.Replication > 0 {
		replication = int16(min(d.Replication, 1<<15-1))
	}
	configs := map[string]*string{}
	for k, v := range internalConfig(d) {
		configs[k] = &v
	}
	byCount := map[int][]string{}
	for _, t := range topics {
		byCount[t.Partitions] = append(byCount[t.Partitions], t.Name)
	}
	for _, n := range slices.Sorted(maps.Keys(byCount)) {
		made, err := a.admin.CreateTopics(ctx, int32(n), replication, configs, byCount[n]...) //nolint:gosec // maxParallelism is bounded
		if err != nil {
			return wrap(err, "create internal topics")
		}
		for _, m := range made.Sorted() {
			if m.Err != nil && !errors.Is(m.Err, kerr.TopicAlreadyExists) {
				return wrap(m.Err, "create the internal topic %s", m.Topic)
			}
		}
	}
	return a.awaitInternal(ctx, topics)
}

// awaitInternal waits until all brokers that answer know the topics and their leaders.
func (a *Admin) awaitInternal(ctx context.Context, topics []InternalTopic) error {
	const patience, step = 30 * time.Second, 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := a.VerifyInternal(ctx, topics)
		if err == nil || !errors.Is(err, kerr.UnknownTopicOrPartition) && !errors.Is(err, kerr.LeaderNotAvailable) {
			return err
		}
		if pause(ctx, step) != nil {
			return err
		}
	}
}

// VerifyInternal checks that the topics are there, led, and configured so that nothing disappears from them.
func (a *Admin) VerifyInternal(ctx context.Context, topics []InternalTopic) error {
	names := make([]string, 0, len(topics))
	for _, t := range topics {
		names = append(names, t.Name)
	}
	details, err := a.admin.ListTopics(ctx, names...)
	if err != nil {
		return wrap(err, "list internal topics")
	}
	configs, err := a.admin.DescribeTopicConfigs(ctx, names...)
	if err != nil {
		return wrap(err, "read the configuration of internal topics")
	}
	for _, t := range topics {
		d := details[t.Name]
		if d.Err != nil {
			return wrap(d.Err, "find the internal topic %s", t.Name)
		}
		if len(d.Partitions) != t.Partitions {
			return fault.New(fault.User, fault.Place{}, "the internal topic %s has %d partitions, the plan wants %d", t.Name, len(d.Partitions), t.Partitions).
				Do("restore maxParallelism, or delete the job's internal topics and start it empty")
		}
		for _, p := range d.Partitions {
			if p.Err != nil {
				return wrap(p.Err, "find the internal topic %s", t.Name)
			}
		}
		c, err := configs.On(t.Name, nil)
		if err == nil {
			err = c.Err
		}
		if err != nil {
			return wrap(err, "read the configuration of the internal topic %s", t.Name)
		}
		if err := checkConfig(t.Name, c.Configs); err != nil {
			return err
		}
	}
	return nil
}

func checkConfig(topic string, have []kadm.Config) error {
	want := internalConfig(Durability{})
	delete(want, "segment.bytes") // a matter of cost only
	for _, c := range have {
		w, ok := want[c.Key]
		if ok && c.Value != nil && *c.Value != w {
			return fault.New(fault.User, fault.Place{}, "the internal topic %s has %s=%s, which loses state", topic, c.Key, *c.Value).
				Do("set %s=%s", c.Key, w)
		}
	}
	return nil
}

// TopicIDs returns the id of each topic, as hexadecimal digits: a topic that was deleted and made again has another one.
func (a *Admin) TopicIDs(ctx context.Context, topics ...string) (map[string]string, error) {
	ids := make(map[string]string, len(topics))
	if len(topics) == 0 {
		return ids, nil // the library would list all that there are
	}
	details, err := a.admin.ListTopics(ctx, topics...)
	if err != nil {
		return nil, wrap(err, "list topics")
	}
	for _, t := range topics {
		if err := details[t].Err; err != nil {
			return nil, wrap(err, "find topic %s", t)
		}
		id := details[t].ID
		ids[t] = hex.EncodeToString(id[:])
	}
	return ids, nil
}

// DeleteTopics deletes topics; one that is not there is fine.
func (a *Admin) DeleteTopics(ctx context.Context, topics ...string) error {
	deleted, err := a.admin.DeleteTopics(ctx, topics...)
	if err != nil {
		return wrap(err, "delete topics")
	}
	for _, d := range deleted.Sorted() {
		if d.Err != nil && !errors.Is(d.Err, kerr.UnknownTopicOrPartition) {
			return wrap(d.Err, "delete topic %s", d.Topic)
		}
	}
	return nil
}
