package watermark

import "github.com/millrace/millrace/runtime/types"

// Mark is what an upstream task says about its channel.
type Mark struct {
	// Channel is the upstream task's partition number.
	Channel int32
	// Watermark is the task's own.
	Watermark types.Watermark
	// Idle says that the channel holds nothing back for now.
	Idle bool
	// Cut is the savepoint that the channel has been cut for: every row of it that comes later belongs behind the savepoint,
	// and none comes while it states the cut. 0 is none.
	Cut int64
	// Owner is the ownership epoch of the task that says so, above 0 where no transaction keeps a former owner from
	// saying something too; else 0.
	Owner int64
}
