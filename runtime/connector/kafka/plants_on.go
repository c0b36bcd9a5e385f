//go:build mutants

package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Plants are bugs that the tests plant and must then find. They exist only in builds with the tag "mutants".
type Plants struct {
	// RestoreToStable makes Replay end at the last stable offset instead of the log's end.
	RestoreToStable bool
	// SkipOffsets leaves the offsets out of the transactions.
	SkipOffsets bool
	// GiveTwice gives the first partition of every topic to every member.
	GiveTwice bool
}

func (p Plants) restoreToStable() bool { return p.RestoreToStable }

func (p Plants) skipOffsets() bool { return p.SkipOffsets }

func (p Plants) balancer(b kgo.GroupMemberBalancer, members []kmsg.JoinGroupResponseMember) kgo.GroupMemberBalancer {
	if !p.GiveTwice {
		return b
	}
	return twiceBalancer{b, members}
}
