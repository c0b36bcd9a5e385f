package kafka

import "github.com/millrace/millrace/runtime/fault"

// place returns what the group fences commits of the member by. It is an error once the group has thrown the member out, also when that has
// joined again since: what it had may run elsewhere. Where the answer to a JoinGroup is the first to say so, franz-go joins again by itself under
// another id, and keeps what it had until the new assignment says otherwise; a commit in between, or the last one when it is taken away, would
// be taken.
func (m *Member) place() (id string, generation int32, err error) {
	id, generation = m.client.GroupMetadata()
	if first := m.first.Load(); first != nil && id != *first {
		err = fault.New(fault.Transient, fault.Place{}, "%s was thrown out of its group: what it had may run elsewhere", m.group.Name(m.group.Ordinal))
	}
	return id, generation, err
}
