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
	// RecordVersion keeps the Version that the spec asks for, with the PlanHash, before anything of it runs.
	RecordVersion
	// EndVersion notes the Outcome of a Version that came to nothing.
	EndVersion
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
	// StopOthers deletes the workloads of all epochs but Epoch, and their plans but those of the epochs Keep and Before.
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
	// EvictMembers takes Members out of the group, unless other processes have their places.
	EvictMembers
	// ForgetPod deletes the pod named Pod, with the UID, without waiting for its node.
	ForgetPod
	// CleanUp deletes the job's internal topics, up to those of Epoch or, where that is 0, of every epoch, and its group.
	CleanUp
	// DropTryAgain takes off the annotation that lets a job that is held go on.
	DropTryAgain
	// DropConsent takes off the annotation that allows to delete found state.
	DropConsent
	// DeleteJob deletes the StreamJob itself, which is complete and old enough.
	DeleteJob
	// ApplyTrial makes the workload of the trial ID of a plan that is to be Epoch's, with what it begins from. It reads Rows within Timeout.
	ApplyTrial
	// StopTrial deletes the workload of the trial ID, and the StreamSavepoint Name that it began from.
	StopTrial
	// EndTrial deletes what the trial ID of Epoch has on Kafka. It may fail for a while: the trial stays in the journal then.
	EndTrial
	// RemoveFinalizer lets the job go.
	RemoveFinalizer
)

// String names the kind, for errors and logs.
func (k ActionKind) String() string {
	names := [...]string{
		AddFinalizer:     "add the finalizer",
		StorePlan:        "store the plan",
		RecordVersion:    "record the version",
		EndVersion:       "note the end of a version",
		RequestSavepoint: "ask for a savepoint",
		KeepRecord:       "record a savepoint",
		DropRecord:       "delete an old savepoint",
		ResumeJob:        "let the job go on",
		StopOthers:       "stop former workers",
		Fence:            "fence",
		CreateInternal:   "create internal topics",
		ApplyWorkload:    "apply the workload",
		DropState:        "delete former state",
		DeletePod:        "delete a pod",
		RemoveMembers:    "remove members",
		EvictMembers:     "evict members",
		ForgetPod:        "forget a pod",
		CleanUp:          "clean up on Kafka",
		DropTryAgain:     "drop the wish to try again",
		DropConsent:      "drop the consent",
		DeleteJob:        "delete the job",
		ApplyTrial:       "begin a trial",
		StopTrial:        "stop a trial",
		EndTrial:         "clean up behind a trial",
		RemoveFinalizer:  "remove the finalizer",
	}
	if int(k) >= len(names) {
		return "unknown action"
	}
	return names[k]
}

// Action is one step. The fields that a kind does not name are zero.
type Action struct {
	Kind       ActionKind
	Epoch      int64
	From       int64
	Keep       int64
	Before     int64
	StateEpoch int64
	MaxOrdinal int32
	Replicas   int32
	// Image and PodHash say which pods the workload has: those that were made for both before, or else new ones.
	Image, PodHash string
	Pod, UID       string
	Ordinals       []int32
	Members        []Member
	// Record is a StreamSavepoint that is to be, and Name that of one that is.
	Record *NewRecord
	Name   string
	// ID and Deadline are those of a savepoint; ID is that of a trial, too.
	ID       string
	Deadline time.Time
	// Rows and Timeout are what a trial reads, and within which time.
	Rows    int64
	Timeout time.Duration
	// RestoreFrom is the savepoint that the epoch's state begins from. RestoreExactly says that the job must stand there still, and
	// DropRemoved that state of operators which the plan lacks is given up.
	RestoreFrom                 string
	RestoreExactly, DropRemoved bool
	// IfPossible says that what comes after it is done even where it fails, and that the failure is told of.
	IfPossible bool
	// Version names a version of the job, PlanHash its plan, and Outcome is what became of it.
	Version, PlanHash, Outcome string
}
