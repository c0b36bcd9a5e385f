package sim

import "github.com/twmb/franz-go/pkg/kmsg"

// plainID names the process whose request belongs to no transaction although it writes or commits: its client's id. It is
// empty for requests of others, and for those of an administrator.
func plainID(c *call) string {
	if c.line == nil {
		return ""
	}
	switch r := c.req.(type) {
	case *kmsg.ProduceRequest:
		if r.Acks != 0 {
			return c.client
		}
	case *kmsg.OffsetCommitRequest:
		if r.Generation >= 0 {
			return c.client
		}
	}
	return ""
}

// taken says that the group has taken all offsets.
func taken(r *kmsg.OffsetCommitResponse) bool {
	for _, t := range r.Topics {
		for _, p := range t.Partitions {
			if p.ErrorCode != 0 {
				return false
			}
		}
	}
	return true
}
