package task

import "github.com/millrace/millrace/runtime/types"

// Sealed is a task's part in a commit.
type Sealed struct {
	// Meta goes into the metadata of the committed offset, which is Meta.Offset.
	Meta Meta
	// ChangelogRecords is the number of records that went to the task's changelog partition; 0 for a task without
	// state. The last of them is the meta record, and the offset after it is what Committed takes.
	ChangelogRecords int
	// Watermark is the task's own watermark in this commit.
	Watermark types.Watermark
}
