package lifecycle

import (
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
)

// The constants of the lifecycle, in wall-clock time.
const (
	// StopGrace is how long workers of a former epoch may take to commit and leave before they are fenced.
	StopGrace = 60 * time.Second
	// SecretGrace is how long a job that is to go waits for a connection's Secret that is not there.
	SecretGrace = 2 * time.Minute
	// NamespaceGrace is how long it is tried to clean up on Kafka behind a job whose namespace is being deleted: the namespace waits for it, and nobody can mend
	// a connection in it any more.
	NamespaceGrace = time.Minute
	// ProgressInterval is the shortest time between two writes of the lag and the watermark's delay.
	ProgressInterval = 30 * time.Second
	// delayStep is what the watermark's delay is rounded to.
	delayStep = 100 * time.Millisecond
	// PollInterval is how often a job that waits for something outside of Kubernetes looks again.
	PollInterval = 10 * time.Second
	// SavepointPollInterval is how often it is looked for a savepoint: the job's sources are held until it is seen.
	SavepointPollInterval = time.Second
	// soon asks for another pass at once: the status that this one writes is an intent.
	soon = time.Millisecond
)

// Decision is what to do now.
type Decision struct {
	// Actions are done in order; the first that fails ends the pass.
	Actions []Action
	// Status is written once all actions have succeeded.
	Status v1alpha1.StreamJobStatus
	// RequeueAfter is when to look again at the latest; 0 leaves it to the watches.
	RequeueAfter time.Duration
}
