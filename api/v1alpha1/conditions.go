package v1alpha1

// The types of conditions. Ready, Reconciling and Stalled follow the kstatus rules: Reconciling and Stalled are present
// only while they are true.
const (
	// ConditionReady says that the object is there and works: a topic or connection that is as its spec says, a job whose
	// workers all run. A job whose changed spec is refused goes on, and stays Ready; Stalled says what is refused.
	ConditionReady = "Ready"
	// ConditionReconciling says that the operator is working towards it.
	ConditionReconciling = "Reconciling"
	// ConditionStalled says that it will not get where its spec says without a change by the user.
	ConditionStalled = "Stalled"
	// ConditionTopicsReady says whether the job's connection, tables and topics are there.
	ConditionTopicsReady = "TopicsReady"
	// ConditionPlanAccepted says whether the query as it stands is what runs or will run.
	ConditionPlanAccepted = "PlanAccepted"
	// ConditionJobRunning says whether workers run, be it with an older query.
	ConditionJobRunning = "JobRunning"
)

// The reasons of conditions and events.
const (
	ReasonReady             = "Ready"
	ReasonDeploying         = "Deploying"
	ReasonFencing           = "Fencing"
	ReasonScaling           = "Scaling"
	ReasonRolling           = "Rolling"
	ReasonWaitingForWorkers = "WaitingForWorkers"
	ReasonWaitingForTopics  = "WaitingForTopics"
	ReasonConnectionMissing = "ConnectionMissing"
	ReasonKafkaUnreachable  = "KafkaUnreachable"
	ReasonKafkaError        = "KafkaError"
	ReasonInvalidQuery      = "InvalidQuery"
	ReasonInvalidTemplate   = "InvalidTemplate"
	ReasonStateChanged      = "StateChanged"
	ReasonStateFound        = "StateFound"
	ReasonSavepointing      = "Savepointing"
	ReasonSavepointFailed   = "SavepointFailed"
	ReasonSavepointsMissing = "SavepointsMissing"
	ReasonRolledBack        = "RolledBack"
	ReasonSuspended         = "Suspended"
	ReasonProbation         = "Probation"
	ReasonPlanAccepted      = "PlanAccepted"
	ReasonEpochStarted      = "EpochStarted"
	ReasonDeleting          = "Deleting"
	ReasonInUse             = "InUse"
	ReasonMorePartitions    = "MorePartitions"
	ReasonPlanMissing       = "PlanMissing"
	ReasonTopicCreated      = "TopicCreated"
	ReasonTopicAdopted      = "TopicAdopted"
	ReasonTopicAltered      = "TopicAltered"
	ReasonTopicExists       = "TopicExists"
	ReasonTopicDiffers      = "TopicDiffers"
	ReasonTopicReplaced     = "TopicReplaced"
	ReasonTopicMissing      = "TopicMissing"
	ReasonTopicDeleted      = "TopicDeleted"
	ReasonResourceConflict  = "ResourceConflict"
	ReasonPartitionsShrink  = "PartitionsShrink"
	ReasonReplicasDiffer    = "ReplicasDiffer"
	ReasonStepFailed        = "StepFailed"
)

// What a user says about state that was found of an earlier job of the same name: see ReasonStateFound.
const (
	// AnnotationFoundState is the annotation on a StreamJob that says what to do about it. The operator takes it off once
	// it has done so: it counts once.
	AnnotationFoundState = "millrace.dev/found-state"
	// FoundStateDelete deletes the earlier job's internal topics and its consumer group, and starts the job empty.
	FoundStateDelete = "Delete"
)
