package kafkaadmin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/controllers/topicplan"
	"github.com/millrace/millrace/runtime/fault"
)

// Glance describes a topic without its configuration; nil when there is none of that name.
func (c *Cluster) Glance(ctx context.Context, name string) (*topicplan.Observed, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	details, err := c.admin.ListTopics(fresh(ctx), name)
	d := details[name]
	if err == nil {
		err = d.Err
	}
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		return nil, nil //nolint:nilnil // no topic is an answer, and the interface says so
	}
	if err != nil {
		return nil, c.wrap(err, "describe topic "+name, "DESCRIBE of the topic "+name)
	}
	observed := &topicplan.Observed{ID: d.ID.String(), Partitions: int32(len(d.Partitions))} //nolint:gosec // Kafka counts partitions in 32 bits
	first := true
	for _, p := range d.Partitions {
		replicas := int32(len(p.Replicas)) //nolint:gosec // as above
		if first {
			observed.Replicas, first = replicas, false
		}
		observed.Replicas, observed.MostReplicas = min(observed.Replicas, replicas), max(observed.MostReplicas, replicas)
	}
	return observed, nil
}

// Topic describes a topic; nil when there is none of that name.
func (c *Cluster) Topic(ctx context.Context, name string) (*topicplan.Observed, error) {
	observed, err := c.Glance(ctx, name)
	if observed == nil || err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	configs, err := c.admin.DescribeTopicConfigs(ctx, name)
	var config kadm.ResourceConfig
	if err == nil {
		config, err = configs.On(name, nil)
	}
	if err == nil {
		err = config.Err
	}
	if errors.Is(err, kerr.UnknownTopicOrPartition) { // it went between the two
		return nil, nil //nolint:nilnil // as above
	}
	if err != nil {
		return nil, c.wrap(err, "read the configuration of topic "+name, "DESCRIBE_CONFIGS of the topic "+name)
	}
	observed.Config = map[string]string{}
	for _, entry := range config.Configs {
		if entry.Value != nil {
			observed.Config[entry.Key] = *entry.Value
		}
	}
	return observed, nil
}

// Apply does one action to a topic.
func (c *Cluster) Apply(ctx context.Context, name string, action topicplan.Action) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	switch action.Kind {
	case topicplan.Create:
		return c.create(ctx, name, action)
	case topicplan.Grow:
		grown, err := c.admin.UpdatePartitions(ctx, int(action.Partitions), name)
		if err == nil {
			err = grown.Error()
		}
		return c.wrap(err, "add partitions to topic "+name, "ALTER of the topic "+name)
	case topicplan.Alter:
		return c.alter(ctx, name, action)
	case topicplan.Delete:
		deleted, err := c.admin.DeleteTopics(ctx, name)
		if err == nil {
			err = deleted.Error()
		}
		if errors.Is(err, kerr.UnknownTopicOrPartition) {
			err = nil
		}
		return c.wrap(err, "delete topic "+name, "DELETE of the topic "+name)
	default:
		return fault.New(fault.Bug, fault.Place{}, "unknown action %d on topic %s", action.Kind, name)
	}
}

func (c *Cluster) create(ctx context.Context, name string, action topicplan.Action) error {
	configs := make(map[string]*string, len(action.Set))
	for key, value := range action.Set {
		configs[key] = &value
	}
	replicas := int16(max(-1, min(action.Replicas, 1<<15-1)))
	made, err := c.admin.CreateTopics(ctx, action.Partitions, replicas, configs, name)
	result := made[name]
	if err == nil {
		err = result.Err
	}
	if err != nil && result.ErrMessage != "" {
		err = fmt.Errorf("%w: %s", err, result.ErrMessage)
	}
	return c.wrap(err, "create topic "+name, "CREATE of the topic "+name)
}

func (c *Cluster) alter(ctx context.Context, name string, action topicplan.Action) error {
	var changes []kadm.AlterConfig
	for _, key := range slices.Sorted(maps.Keys(action.Set)) {
		value := action.Set[key]
		changes = append(changes, kadm.AlterConfig{Op: kadm.SetConfig, Name: key, Value: &value})
	}
	for _, key := range action.Unset {
		changes = append(changes, kadm.AlterConfig{Op: kadm.DeleteConfig, Name: key})
	}
	altered, err := c.admin.AlterTopicConfigs(ctx, changes, name)
	var result kadm.AlterConfigsResponse
	if err == nil {
		result, err = altered.On(name, nil)
	}
	if err == nil {
		err = result.Err
	}
	if err != nil && result.ErrMessage != "" {
		err = fmt.Errorf("%w: %s", err, result.ErrMessage)
	}
	return c.wrap(err, "configure topic "+name, "ALTER_CONFIGS of the topic "+name)
}

// Missing returns those of the topics that are not there, in the given order.
func (c *Cluster) Missing(ctx context.Context, topics []string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if len(topics) == 0 {
		return nil, nil
	}
	details, err := c.admin.ListTopics(fresh(ctx), topics...)
	if err != nil {
		return nil, c.wrap(err, "list topics", "DESCRIBE of the topics")
	}
	var missing []string
	for _, t := range topics {
		switch err := details[t].Err; {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			missing = append(missing, t)
		case err != nil:
			return nil, c.wrap(err, "describe topic "+t, "DESCRIBE of the topic "+t)
		}
	}
	return missing, nil
}
