package kafkaadmin

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/physical"
)

// transactionTimeoutMillis is what InitProducerId must say; the id is only fenced, never used.
const transactionTimeoutMillis = 10_000

// HasState says whether Kafka holds a group with offsets, or internal topics, of a job.
func (c *Cluster) HasState(ctx context.Context, remains lifecycle.Remains) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	prefix := remains.Prefix
	topics, err := c.internal(ctx, remains)
	if err != nil || len(topics) > 0 {
		return len(topics) > 0, err
	}
	offsets, err := c.admin.FetchOffsets(ctx, prefix)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return false, nil
	}
	return len(offsets) > 0, c.wrap(err, "read the offsets of "+prefix, "DESCRIBE of the group "+prefix)
}

// internal lists the internal topics of a job, of the epochs in its record: "<prefix>.<epoch>.<name>".
func (c *Cluster) internal(ctx context.Context, remains lifecycle.Remains) ([]string, error) {
	all, err := c.admin.ListTopics(fresh(ctx))
	if err != nil {
		return nil, c.wrap(err, "list topics", "DESCRIBE of the topics")
	}
	var found []string
	for _, name := range all.Names() {
		if owns(remains, name) {
			found = append(found, name)
		}
	}
	return found, nil
}

// owns says whether an internal topic is of the job's record.
func owns(remains lifecycle.Remains, name string) bool {
	rest, ours := strings.CutPrefix(name, remains.Prefix+".")
	digits, _, named := strings.Cut(rest, ".")
	epoch, err := strconv.ParseUint(digits, 10, 63)
	return ours && named && err == nil && (remains.LastEpoch == 0 || int64(epoch) <= remains.LastEpoch) && !slices.Contains(remains.Keep, name)
}

// Fence makes an end of all workers of a job up to an ordinal, and of those that the brokers know of: they leave the
// group, and their transactions are over. The new epoch is stamped on the offsets by its first worker.
func (c *Cluster) Fence(ctx context.Context, prefix string, maxOrdinal int32) error {
	ctx, cancel := context.WithTimeout(ctx, createTimeout)
	defer cancel()
	names := physical.Topics{Prefix: prefix}
	err := c.jobs.Fence(ctx, kafka.Group{Group: names.Group(), MaxOrdinal: int(maxOrdinal), Name: names.InstanceID})
	return c.wrapJob(err, "READ of the group "+prefix+" and WRITE of the transactional ids that begin with it")
}

// CreateInternal creates the internal topics that are not there, with so many replicas and such a min.insync.replicas
// (0: the brokers' default), and verifies all of them.
func (c *Cluster) CreateInternal(ctx context.Context, topics []physical.InternalTopic, replicas, minInSync int32) error {
	ctx, cancel := context.WithTimeout(ctx, createTimeout)
	defer cancel()
	list := make([]kafka.InternalTopic, 0, len(topics))
	for _, t := range topics {
		list = append(list, kafka.InternalTopic{Name: t.Name, Partitions: t.Partitions})
	}
	err := c.jobs.CreateInternal(ctx, list, kafka.Durability{Replication: int(replicas), MinInsyncReplicas: int(minInSync)})
	return c.wrapJob(err, "CREATE, DESCRIBE and DESCRIBE_CONFIGS of the topics that begin with the job's prefix")
}

// RemoveMembers takes workers that are gone for good out of the group and ends their transactions.
func (c *Cluster) RemoveMembers(ctx context.Context, prefix string, ordinals []int32) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	names := physical.Topics{Prefix: prefix}
	leave := kadm.LeaveGroup(names.Group()).Reason("the worker was scaled down")
	for _, o := range ordinals {
		leave.InstanceIDs(names.InstanceID(int(o)))
	}
	left, err := c.admin.LeaveGroup(ctx, leave)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) && !errors.Is(err, kerr.UnknownMemberID) {
		return c.wrap(err, "remove members of "+prefix, "READ of the group "+prefix)
	}
	for _, l := range left.Sorted() {
		if l.Err != nil && !errors.Is(l.Err, kerr.UnknownMemberID) && !errors.Is(l.Err, kerr.GroupIDNotFound) {
			return c.wrap(l.Err, "remove the member "+l.InstanceID, "READ of the group "+prefix)
		}
	}
	for _, o := range ordinals {
		if err := c.endTransactions(ctx, names.TransactionalID(int(o))); err != nil {
			return err
		}
	}
	return nil
}

// Members returns the ids of the workers in a job's group, by ordinal; a group that is not there has none.
func (c *Cluster) Members(ctx context.Context, prefix string) (map[int32]string, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	names := physical.Topics{Prefix: prefix}
	groups, err := c.admin.DescribeGroups(ctx, names.Group())
	if err == nil {
		err = groups.Error()
	}
	found := map[int32]string{}
	if errors.Is(err, kerr.GroupIDNotFound) {
		return found, nil
	}
	if err != nil {
		return nil, c.wrap(err, "describe the group "+prefix, "DESCRIBE of the group "+prefix)
	}
	for _, m := range groups[names.Group()].Members {
		if m.InstanceID == nil {
			continue
		}
		digits := (*m.InstanceID)[strings.LastIndexByte(*m.InstanceID, '.')+1:]
		if n, err := strconv.ParseInt(digits, 10, 32); err == nil && names.InstanceID(int(n)) == *m.InstanceID {
			found[int32(n)] = m.MemberID
		}
	}
	return found, nil
}

// EvictMembers takes workers that do not run out of the group. The broker refuses for one whose place another process has by now. Their transactions
// are ended by the leader of the rebalance that follows, or by the worker that comes back: it would fence that one to end them here.
func (c *Cluster) EvictMembers(ctx context.Context, prefix string, members []lifecycle.Member) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	names := physical.Topics{Prefix: prefix}
	request := kmsg.NewPtrLeaveGroupRequest()
	request.Group = names.Group()
	reason := "the worker does not run"
	for _, m := range members {
		leaves := kmsg.NewLeaveGroupRequestMember()
		instance := names.InstanceID(int(m.Ordinal))
		leaves.MemberID, leaves.InstanceID, leaves.Reason = m.ID, &instance, &reason
		request.Members = append(request.Members, leaves)
	}
	response, err := request.RequestWith(ctx, c.client)
	if err == nil {
		err = kerr.ErrorForCode(response.ErrorCode)
	}
	if err != nil {
		return c.wrap(err, "evict members of "+prefix, "READ of the group "+prefix)
	}
	for _, m := range response.Members {
		err := kerr.ErrorForCode(m.ErrorCode)
		if err != nil && !errors.Is(err, kerr.UnknownMemberID) && !errors.Is(err, kerr.FencedInstanceID) {
			return c.wrap(err, "evict members of "+prefix, "READ of the group "+prefix)
		}
	}
	return nil
}

// endTransactions aborts what a producer has open, by taking its id over once.
func (c *Cluster) endTransactions(ctx context.Context, transactionalID string) error {
	const pause = 50 * time.Millisecond
	for {
		request := kmsg.NewPtrInitProducerIDRequest()
		request.TransactionalID, request.TransactionTimeoutMillis = &transactionalID, transactionTimeoutMillis
		response, err := request.RequestWith(ctx, c.client)
		if err == nil {
			err = kerr.ErrorForCode(response.ErrorCode)
		}
		if !errors.Is(err, kerr.ConcurrentTransactions) {
			return c.wrap(err, "end the transactions of "+transactionalID, "WRITE of the transactional id "+transactionalID)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return c.wrap(err, "end the transactions of "+transactionalID, "WRITE of the transactional id "+transactionalID)
		}
	}
}

// EndTrial ends what a trial has open, and deletes its topics and its group. What its worker may still write then is aborted or refused.
func (c *Cluster) EndTrial(ctx context.Context, names physical.Topics) error {
	bounded, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if err := c.endTransactions(bounded, names.OutputID()); err != nil {
		return err
	}
	return c.CleanUp(ctx, lifecycle.Remains{Prefix: names.Prefix})
}

// CleanUp fences a job and deletes its internal topics, of all epochs in its record, and its group.
func (c *Cluster) CleanUp(ctx context.Context, remains lifecycle.Remains) error {
	prefix := remains.Prefix
	if err := c.Fence(ctx, prefix, remains.MaxOrdinal); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	topics, err := c.internal(ctx, remains)
	if err != nil {
		return err
	}
	if len(topics) > 0 {
		if err := c.jobs.DeleteTopics(ctx, topics...); err != nil {
			return c.wrapJob(err, "DELETE of the topics that begin with "+prefix)
		}
	}
	_, err = c.admin.DeleteGroup(ctx, prefix)
	if errors.Is(err, kerr.GroupIDNotFound) {
		err = nil
	}
	return c.wrap(err, "delete the group "+prefix, "DELETE of the group "+prefix)
}
