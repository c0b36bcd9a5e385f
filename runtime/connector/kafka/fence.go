package kafka

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/runtime/fault"
)

// ordinalIDs returns the names of the ordinals 0 to highest.
func ordinalIDs(name func(int) string, highest int) []string {
	ids := make([]string, 0, highest+1)
	for n := range highest + 1 {
		ids = append(ids, name(n))
	}
	return ids
}

// isOrdinal says whether id is the name of some ordinal of the group.
func isOrdinal(g Group, id string) bool {
	digits, ok := strings.CutPrefix(id, g.Group+".")
	if !ok {
		return false
	}
	n, err := strconv.Atoi(digits)
	return err == nil && n >= 0 && g.Name(n) == id
}

// openTransactions lists the transactional ids of the job that the brokers know of.
func openTransactions(ctx context.Context, admin *kadm.Client, g Group) ([]string, error) {
	listed, err := admin.ListTransactions(ctx, nil, nil)
	if err != nil {
		return nil, wrap(err, "list transactions")
	}
	var ids []string
	for _, t := range listed.Sorted() {
		if isOrdinal(g, t.TxnID) {
			ids = append(ids, t.TxnID)
		}
	}
	return ids, nil
}

// Fence ends every worker of the job: its static members leave the group, its producers are fenced, their transactions
// are over. It is idempotent. Ordinals up to MaxOrdinal are covered, and whatever else the brokers know of. Workers
// that were fenced find out at their next commit; what keeps them from coming back is the stamp that is written next.
func (a *Admin) Fence(ctx context.Context, g Group) error {
	instances := ordinalIDs(g.Name, g.MaxOrdinal)
	members, err := a.members(ctx, g.Group)
	if err != nil {
		return err
	}
	for instance := range members {
		if isOrdinal(g, instance) {
			instances = append(instances, instance)
		}
	}
	open, err := openTransactions(ctx, a.admin, g)
	if err != nil {
		return err
	}
	ids := append(slices.Clone(instances), open...)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if err := a.evict(ctx, g.Group, ids); err != nil {
		return err
	}
	if g.Untransacted {
		ids = open
	}
	for _, id := range ids {
		if err := fenceTransactions(ctx, a.client, id); err != nil {
			return err
		}
	}
	return nil
}

func (a *Admin) evict(ctx context.Context, group string, instances []string) error {
	left, err := a.admin.LeaveGroup(ctx, kadm.LeaveGroup(group).Reason("fence").InstanceIDs(instances...))
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) && !errors.Is(err, kerr.UnknownMemberID) {
		return wrap(err, "remove the members of %s", group)
	}
	for _, l := range left.Sorted() {
		if l.Err != nil && !errors.Is(l.Err, kerr.UnknownMemberID) && !errors.Is(l.Err, kerr.GroupIDNotFound) {
			return wrap(l.Err, "remove the member %s", l.InstanceID)
		}
	}
	return nil
}

// members returns the ids of a group's static members by instance.
func (a *Admin) members(ctx context.Context, group string) (map[string]string, error) {
	groups, err := a.admin.DescribeGroups(ctx, group)
	if err != nil {
		return nil, wrap(err, "describe the group %s", group)
	}
	found := map[string]string{}
	for _, m := range groups[group].Members {
		if m.InstanceID != nil {
			found[*m.InstanceID] = m.MemberID
		}
	}
	return found, nil
}

// Successor says whether the group knows our instance by another member id than ours: another process has our place.
func (a *Admin) Successor(ctx context.Context, group, instance, memberID string) (bool, error) {
	members, err := a.members(ctx, group)
	if err != nil {
		return false, err
	}
	id, ok := members[instance]
	return ok && memberID != "" && id != memberID, nil
}

// Leave takes one member out of the group: franz-go leaves by itself for members that are not static only. The member
// id makes sure that a successor of the same instance is not thrown out.
func (a *Admin) Leave(ctx context.Context, group, instance, memberID string) error {
	if memberID == "" {
		return nil
	}
	return a.leave(ctx, group, instance, memberID)
}

// Stamp commits offsets to a group without members. It fails with a Fenced error when one is in.
func (a *Admin) Stamp(ctx context.Context, group string, offsets []Committed) error {
	all := kadm.Offsets{}
	for _, o := range offsets {
		all.Add(kadm.Offset{Topic: o.Topic, Partition: o.Number, At: o.Offset, LeaderEpoch: -1, Metadata: o.Metadata})
	}
	err := a.admin.CommitAllOffsets(ctx, group, all)
	if errors.Is(err, kerr.UnknownMemberID) || errors.Is(err, kerr.IllegalGeneration) || errors.Is(err, kerr.RebalanceInProgress) {
		return fault.Wrap(fault.Fenced, err, "the group %s has members already", group)
	}
	return wrap(err, "commit the first offsets of %s", group)
}
