package lifecycle

import "time"

// ActionKind is a kind of step outside of the status. Every one can be done again with the same result.
type ActionKind uint8

// The kinds, in the order in which a job's life meets them.
const (
	// AddFinalizer puts the operator's finalizer on the job.
	AddFinalizer ActionKind = iota
	// StorePlan writes the plan of Epoch into its ConfigMap: that of the epoch From, or the one that the spec compiles to.
	StorePlan
	// RequestSavepoint asks the job, whose internal topics are of StateEpoch, to stop at the savepoint ID by the Deadline, unless it was
	// asked already.
	RequestSavepoint
	// ResumeJob lets the job go on that was asked to stop at the savepoint ID, and sees to it that a request for it which arrives late
	// counts no more.
	ResumeJob
	// KeepRecord makes the StreamSavepoint Record, unless it is there.
	KeepRecord
	// DropRecord deletes the StreamSavepoint Name, which retention does not keep, with its data.
	DropRecord
	// StopOthers deletes the workloads of all epochs but Epoch, and their plans but that of the epoch Keep.
	StopOthers
	// Fence makes an end of all epochs below Epoch on Kafka: members, transactions, offsets.
	Fence
	// CreateInternal makes the internal topics of StateEpoch and verifies them.
	CreateInternal
	// ApplyWorkload applies the StatefulSet of Epoch and what belongs to it. Its state begins from RestoreFrom.
	ApplyWorkload
	// DropState deletes the internal topics of the state epochs before StateEpoch.
	DropState
	// DeletePod deletes the pod named Pod, so that it comes back in the latest revision.
	DeletePod
	// RemoveMembers takes the workers of Ordinals out of the group and ends their transactions.
	RemoveMembers
	// CleanUp deletes the job's internal topics, up to those of Epoch or, where that is 0, of every epoch, and its group.
	CleanUp
	// DropConsent takes off the annotation that allows to delete found state.
	DropConsent
	// RemoveFinalizer lets the job go.
	RemoveFinalizer
)

// String names the kind, for errors and logs.
func (k ActionKind) String() string {
	switch k {
	case AddFinalizer:
		return "add the finalizer"
	case StorePlan:
		return "store the plan"
	case RequestSavepoint:
		return "ask for a savepoint"
	case ResumeJob:
		return "let the job go on"
	case StopOthers:
		return "stop former workers"
	case Fence:
		return "fence"
	case CreateInternal:
		return "create internal topics"
	case ApplyWorkload:
		return "apply the workload"
	case DropState:
		return "delete former state"
	case DeletePod:
		return "delete a pod"
	case RemoveMembers:
		return "remove members"
	case CleanUp:
		return "clean up on Kafka"
	case DropConsent:
		return "drop the consent"
	case RemoveFinalizer:
		return "remove the finalizer"
	default:
		return k.aboutRecords()
	}
}

// Action is one step. The fields that a kind does not name are zero.
type Action struct {
	Kind       ActionKind
	Epoch      int64
	From       int64
	Keep       int64
	StateEpoch int64
	MaxOrdinal int32
	Replicas   int32
	Image      string
	Pod        string
	Ordinals   []int32
	// Record is a StreamSavepoint that is to be, and Name that of one that is.
	Record *NewRecord
	Name   string
	// ID and Deadline are those of a savepoint.
	ID       string
	Deadline time.Time
	// RestoreFrom is the savepoint that the epoch's state begins from. RestoreExactly says that the job must stand there still, and
	// DropRemoved that state of operators which the plan lacks is given up.
	RestoreFrom                 string
	RestoreExactly, DropRemoved bool
}
