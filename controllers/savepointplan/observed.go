package savepointplan

import (
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// Observed is all that a decision depends on besides the constants of this package.
type Observed struct {
	// Now is the time of the pass.
	Now time.Time
	// Savepoint is the object with the status as it was last written, and Finalizer says whether it carries the operator's.
	Savepoint *v1alpha1.StreamSavepoint
	Finalizer bool
	// Job is the StreamJob that it names; nil where there is none.
	Job *v1alpha1.StreamJob
	// Prefix is what the names on Kafka of a job of that name begin with.
	Prefix string
	// Connection is what keeps Kafka from being used: empty when nothing does.
	Connection lifecycle.Obstacle
	// Commands says that the running plan's workers can be asked, and Elsewhere that some of them write savepoints to another place than the
	// job's spec says.
	Commands, Elsewhere bool
	// Before names another StreamSavepoint of the job that comes first; empty where none does.
	Before string
	// Made is what the job's control topic says; nil when it is not known.
	Made *Made
	// NamespaceGoes says that the namespace is being deleted: nothing new can be made in it.
	NamespaceGoes bool
	// Removal is the work that deletes the data; nil where there is none.
	Removal *Removal
}

// Made is how far a savepoint is that a job was asked for.
type Made struct {
	State State
	// Deadline is when the job goes on without it, and Cut says that all its tasks are cut; of Asked.
	Deadline time.Time
	Cut      bool
	// Reason says why it has Failed.
	Reason string
	// Rows and Bytes are what a Finished one holds.
	Rows, Bytes int64
}

// State is a state of a savepoint, as the job's control topic has it.
type State uint8

// The states.
const (
	// Absent is nothing that the topic knows of: it was not asked for, or has been over for long.
	Absent State = iota
	// Busy is Absent, while the job is at work for another one.
	Busy
	Asked
	Finished
	Failed
)

// Removal is the work that deletes a savepoint's data.
type Removal struct {
	// Done says that the data is gone, and Failed that this work gives up, since when and why.
	Done, Failed bool
	Since        time.Time
	Why          string
}
