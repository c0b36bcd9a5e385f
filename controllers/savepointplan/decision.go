package savepointplan

import (
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
)

// The constants, in wall-clock time.
const (
	// PollInterval is how often it is looked again at what can change without a word of Kubernetes.
	PollInterval = 10 * time.Second
	// ProgressInterval is how often the control topic is read while a savepoint is made.
	ProgressInterval = time.Second
	// answerPatience is what a job has on top of the deadline to say what became of a savepoint.
	answerPatience = 30 * time.Second
	// removalPause is between two tries to delete the data, and removalPatience how long it is tried.
	removalPause    = time.Minute
	removalPatience = 30 * time.Minute
	// soon asks for another pass at once: the status that this one writes is an intent.
	soon = time.Millisecond
)

// ActionKind is a kind of step outside of the status. Every one can be done again with the same result.
type ActionKind uint8

// The kinds.
const (
	// AddFinalizer puts the operator's finalizer on the StreamSavepoint.
	AddFinalizer ActionKind = iota
	// Ask asks the job for the savepoint ID by the Deadline, unless it was asked already.
	Ask
	// Cancel sees to it that the job makes no savepoint ID any more, asked or not.
	Cancel
	// StartRemoval starts the work that deletes the data, unless it was started.
	StartRemoval
	// ForgetRemoval deletes work that has failed, so that it can be started again.
	ForgetRemoval
	// RemoveFinalizer lets the StreamSavepoint go.
	RemoveFinalizer
)

// String names the kind, for logs.
func (k ActionKind) String() string {
	switch k {
	case AddFinalizer:
		return "add the finalizer"
	case Ask:
		return "ask the job"
	case Cancel:
		return "cancel the savepoint"
	case StartRemoval:
		return "delete the data"
	case ForgetRemoval:
		return "forget work that has failed"
	case RemoveFinalizer:
		return "remove the finalizer"
	default:
		return "unknown action"
	}
}

// Action is one step. The fields that a kind does not name are zero.
type Action struct {
	Kind ActionKind
	// ID is the savepoint's, and StateEpoch that of the control topic.
	ID         string
	StateEpoch int64
	Deadline   time.Time
}

// Decision is what to do now.
type Decision struct {
	// Actions are done in order; the first that fails ends the pass.
	Actions []Action
	// Status is written once all actions have succeeded.
	Status v1alpha1.StreamSavepointStatus
	// Notice is what is worth an event besides changed conditions, a warning if Reason is DataLeft; none where Reason is empty.
	Notice Notice
	// RequeueAfter is when to look again at the latest; 0 leaves it to the watches.
	RequeueAfter time.Duration
}

// Notice is a reason with a message.
type Notice struct{ Reason, Message string }
