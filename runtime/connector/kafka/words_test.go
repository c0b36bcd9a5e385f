package kafka

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/balance"
)

func TestWhatMembersSayIsReadAsItWasSaid(t *testing.T) {
	topics := []string{"a", "b"}
	says := map[Partition]balance.Word{
		{"a", 0}: {Step: 7, Heavy: true}, {"b", 300}: {Position: 1 << 40, Warmth: balance.Warm}, {"b", 2}: {Step: 1, Warmth: balance.Warming, Next: true},
		{"c", 1}: {Step: 1}, // it does not read c
	}
	got, warms := decodeWords(topics, encodeWords(topics, 12, says, true))
	want := map[balance.Task]balance.Word{{Topic: "a"}: says[Partition{"a", 0}], {Topic: "b", Partition: 300}: says[Partition{"b", 300}], {Topic: "b", Partition: 2}: says[Partition{"b", 2}]}
	if !reflect.DeepEqual(got, want) || !warms {
		t.Errorf("%v, %t", got, warms)
	}
	told := map[balance.Task]balance.Notice{
		{Topic: "a", Partition: 3}: {Step: 5}, {Topic: "bb", Partition: 1 << 20}: {WarmUp: true, Next: true}, {Topic: "c"}: {WarmUp: true},
	}
	heard := map[Partition]balance.Notice{}
	for task, n := range told {
		heard[Partition{task.Topic, task.Partition}] = n
	}
	if got := decodeNotices(encodeNotices(told)); !maps.Equal(got, heard) {
		t.Errorf("%v", got)
	}
}

func TestBrokenUserDataSaysNothing(t *testing.T) {
	topics := []string{"a", "b"}
	words := encodeWords(topics, 1, map[Partition]balance.Word{{"a", 0}: {Step: 7}, {"b", 1}: {Position: 5}}, true)
	notices := encodeNotices(map[balance.Task]balance.Notice{{Topic: "a", Partition: 3}: {Step: 1}, {Topic: "b", Partition: 1}: {WarmUp: true}})
	for n := range words {
		if says, warms := decodeWords(topics, words[:n]); says != nil || warms {
			t.Errorf("cut at %d: %v", n, says)
		}
	}
	for n := range notices {
		if got := decodeNotices(notices[:n]); got != nil {
			t.Errorf("cut at %d: %v", n, got)
		}
	}
	if says, _ := decodeWords(nil, words); says != nil {
		t.Errorf("of a member without topics: %v", says)
	}
	dice := rand.New(rand.NewPCG(1, 1))
	for range 20_000 { // must not panic, nor take long
		w, u := slices.Clone(words), slices.Clone(notices)
		for range 1 + dice.IntN(4) {
			w[dice.IntN(len(w))], u[dice.IntN(len(u))] = byte(dice.Uint32()), byte(dice.Uint32())
		}
		decodeWords(topics, w)
		decodeNotices(u)
	}
}

// mixed is a group whose members are of two versions: one balances by cooperative-sticky, under the same name.
type mixed struct {
	balancers  []kgo.GroupBalancer
	owned      []map[string][]int32
	generation int32
	told       []map[Partition]balance.Notice
}

// sticky is the balancer of the version before.
type sticky struct{ kgo.GroupBalancer }

func (sticky) ProtocolName() string { return "millrace-1" }

func (m *mixed) join(old bool, says map[Partition]balance.Word) {
	n := len(m.balancers)
	m.owned, m.told = append(m.owned, map[string][]int32{}), append(m.told, nil)
	if old {
		m.balancers = append(m.balancers, sticky{kgo.CooperativeStickyBalancer()})
		return
	}
	m.balancers = append(m.balancers, &epochBalancer{
		group: Group{
			Epoch: 1, Says: func() map[Partition]balance.Word { return says }, WarmUps: balance.Limits{PerMember: 2, Total: 2},
			Warms: true, Assigned: func(_ []Partition, told map[Partition]balance.Notice) { m.told[n] = told },
		},
		onMembers: func(map[string]bool) {},
	})
}

// rebalance is a round under a leader. It fails the test if a partition is given to two, and says whether one was taken away.
func (m *mixed) rebalance(t *testing.T, leader int, topics map[string]int32) (taken bool) {
	t.Helper()
	had := map[Partition]int{}
	for i := range m.owned {
		for _, p := range partitions(m.owned[i]) {
			had[p] = i
		}
	}
	given := map[Partition]int{}
	for _, a := range m.plan(t, leader, topics).IntoSyncAssignment() {
		i := int(a.MemberID[0] - 'a')
		now, err := m.balancers[i].ParseSyncAssignment(a.MemberAssignment)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range partitions(now) {
			if by, twice := given[p]; twice {
				t.Fatalf("%s is given to %d and %d", p, by, i)
			}
			if from, ok := had[p]; ok && from != i {
				t.Fatalf("%s is given to %d while %d has it", p, i, from)
			}
			given[p] = i
		}
		m.owned[i] = now
	}
	m.generation++
	for p := range had {
		if _, ok := given[p]; !ok {
			taken = true
		}
	}
	return taken
}

// plan is what a leader makes of what all say.
func (m *mixed) plan(t *testing.T, leader int, topics map[string]int32) kgo.IntoSyncAssignment {
	t.Helper()
	var members []kmsg.JoinGroupResponseMember
	for i, b := range m.balancers {
		if b.ProtocolName() != "millrace-1" || !b.IsCooperative() {
			t.Fatalf("the group has two protocols")
		}
		j := kmsg.NewJoinGroupResponseMember()
		j.MemberID = string(rune('a'+i)) + "-1"
		j.InstanceID = new(string(rune('a' + i)))
		j.ProtocolMetadata = b.JoinGroupMetadata(slices.Sorted(maps.Keys(topics)), maps.Clone(m.owned[i]), m.generation)
		members = append(members, j)
	}
	balancer, _, err := m.balancers[leader].MemberBalancer(members)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := balancer.(kgo.GroupMemberBalancerOrError).BalanceOrError(topics)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestWorkersOfTheVersionBeforeWorkInTheSameGroup(t *testing.T) {
	topics := map[string]int32{"a": 8, "b": 8}
	for leader := range 3 {
		var m mixed
		for _, old := range []bool{true, false, true, false} {
			m.join(old, nil)
			rounds := 1
			for m.rebalance(t, min(leader, len(m.balancers)-1), topics) {
				if rounds++; rounds > 4 {
					t.Fatalf("leader %d: no end", leader)
				}
			}
		}
		for i := range m.owned {
			if n := len(partitions(m.owned[i])); n != 4 {
				t.Errorf("leader %d: member %d has %d partitions: %v", leader, i, n, m.owned[i])
			}
		}
	}
}

func TestATaskIsTakenAwayOnlyOnceItsNextOwnerIsWarm(t *testing.T) {
	topics := map[string]int32{"a": 2}
	own, next := map[Partition]balance.Word{{"a", 0}: {Heavy: true}, {"a", 1}: {Heavy: true}}, map[Partition]balance.Word{}
	var m mixed
	m.join(false, own)
	m.rebalance(t, 0, topics)
	m.join(false, next)
	if m.rebalance(t, 0, topics) || len(m.told[1]) != 1 || len(m.told[0]) != 0 {
		t.Fatalf("%v, %v", m.owned, m.told)
	}
	var task Partition
	for task = range m.told[1] {
		break
	}
	next[task] = balance.Word{Warmth: balance.Warm}
	if !m.rebalance(t, 1, topics) || m.told[1][task] != (balance.Notice{WarmUp: true, Next: true}) {
		t.Fatalf("%v, %v", m.owned, m.told)
	}
	delete(own, task)
	if m.rebalance(t, 0, topics) || !slices.Equal(partitions(m.owned[1]), []Partition{task}) {
		t.Fatalf("%v, %v", m.owned, m.told)
	}
}
