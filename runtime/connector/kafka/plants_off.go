//go:build !mutants

package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Plants are bugs that the tests plant and must then find. This build has none.
type Plants struct{}

func (Plants) restoreToStable() bool { return false }

func (Plants) skipOffsets() bool { return false }

func (Plants) balancer(b kgo.GroupMemberBalancer, _ []kmsg.JoinGroupResponseMember) kgo.GroupMemberBalancer {
	return b
}
