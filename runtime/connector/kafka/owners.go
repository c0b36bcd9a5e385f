package kafka

import "context"

// Owners returns, for each partition that a group has given to somebody, the instance id of the member that has it. A
// member that gives one back in a rebalance that goes on has it still.
func (a *Admin) Owners(ctx context.Context, group string) (map[Partition]string, error) {
	groups, err := a.admin.DescribeGroups(ctx, group)
	if err == nil {
		err = groups.Error()
	}
	if err != nil {
		return nil, wrap(err, "describe the group %s", group)
	}
	owners := map[Partition]string{}
	for _, m := range groups[group].Members {
		given, ok := m.Assigned.AsConsumer()
		if !ok || m.InstanceID == nil {
			continue
		}
		for _, t := range given.Topics {
			for _, p := range t.Partitions {
				owners[Partition{t.Topic, p}] = *m.InstanceID
			}
		}
	}
	return owners, nil
}
