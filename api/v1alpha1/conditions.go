package v1alpha1

// The types of conditions. Ready, Reconciling and Stalled follow the kstatus rules: Reconciling and Stalled are present
// only while they are true.
const (
	// ConditionReady says that the object is as its spec says.
	ConditionReady = "Ready"
	// ConditionReconciling says that the operator is working towards it.
	ConditionReconciling = "Reconciling"
	// ConditionStalled says that it will not get there without a change by the user.
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
	ReasonPlanAccepted      = "PlanAccepted"
	ReasonEpochStarted      = "EpochStarted"
	ReasonDeleting          = "Deleting"
	ReasonInUse             = "InUse"
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
