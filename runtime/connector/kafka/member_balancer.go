package kafka

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/balance"
)

// memberBalancer is package balance for the members of a group.
type memberBalancer struct{ warmUps balance.Limits }

// Balance gives every partition of the topics to one member.
func (m memberBalancer) Balance(b *kgo.ConsumerBalancer, topics map[string]int32) kgo.IntoSyncAssignment {
	var members []balance.Member
	byName := map[string]*kmsg.JoinGroupResponseMember{}
	b.EachMember(func(member *kmsg.JoinGroupResponseMember, meta *kmsg.ConsumerMemberMetadata) {
		one := memberOf(member, meta)
		byName[one.Name] = member
		members = append(members, one)
	})
	plan := balance.Decide(members, topics, m.warmUps)
	given := &assignment{BalancePlan: b.NewPlan(), notices: map[string]map[balance.Task]balance.Notice{}}
	for t, name := range plan.Owners {
		given.AddPartition(byName[name], t.Topic, t.Partition)
	}
	for name, told := range plan.Notices {
		given.notices[byName[name].MemberID] = told
	}
	given.AdjustCooperative(b)
	return given
}

// memberOf reads what a member says. Its instance is its name: a restart makes another member id.
func memberOf(member *kmsg.JoinGroupResponseMember, meta *kmsg.ConsumerMemberMetadata) balance.Member {
	m := balance.Member{Name: member.MemberID, Topics: meta.Topics, Generation: meta.Generation}
	if member.InstanceID != nil {
		m.Name = *member.InstanceID
	}
	for _, o := range meta.OwnedPartitions {
		for _, p := range o.Partitions {
			m.Owned = append(m.Owned, balance.Task{Topic: o.Topic, Partition: p})
		}
	}
	m.Says, m.Warms = decodeWords(meta.Topics, meta.UserData)
	return m
}

// assignment is a plan with what members are told of tasks, by member id.
type assignment struct {
	*kgo.BalancePlan
	notices map[string]map[balance.Task]balance.Notice
}

// IntoSyncAssignment encodes it.
func (a *assignment) IntoSyncAssignment() []kmsg.SyncGroupRequestGroupAssignment {
	var list []kmsg.SyncGroupRequestGroupAssignment
	for _, given := range a.BalancePlan.IntoSyncAssignment() {
		var topics kmsg.ConsumerMemberAssignment
		if err := topics.ReadFrom(given.MemberAssignment); err == nil { // it was written a line before
			slices.SortFunc(topics.Topics, func(x, y kmsg.ConsumerMemberAssignmentTopic) int {
				return balance.Task{Topic: x.Topic}.Compare(balance.Task{Topic: y.Topic})
			})
			topics.UserData = encodeNotices(a.notices[given.MemberID])
			given.MemberAssignment = topics.AppendTo(nil)
		}
		list = append(list, given)
	}
	return list
}
