package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The types of conditions. Ready, Reconciling and Stalled follow the kstatus rules: Reconciling and Stalled are present
// only while they are true, and never both.
const (
	// ConditionReady says that the object is as its spec says: a topic or connection that is there, a job whose workers all run what it
	// asks for. A job whose changed spec is refused goes on, as JobRunning says, and is not Ready, with the words of the refusal. It is
	// absent while a job is suspended.
	ConditionReady = "Ready"
	// ConditionReconciling says that the operator is working towards it.
	ConditionReconciling = "Reconciling"
	// ConditionStalled says that it will not get where its spec says without a change by the user.
	ConditionStalled = "Stalled"
	// ConditionSuspended is present while a job rests, as its spec says.
	ConditionSuspended = "Suspended"
	// ConditionTopicsReady says whether the job's connection, tables and topics are there.
	ConditionTopicsReady = "TopicsReady"
	// ConditionPlanAccepted says whether the query as it stands is what runs or will run.
	ConditionPlanAccepted = "PlanAccepted"
	// ConditionJobRunning says whether workers run, be it with an older query.
	ConditionJobRunning = "JobRunning"
	// ConditionWorkersFailing is present while a worker can't run, with what Kubernetes says of the first one. It goes by itself once all do.
	ConditionWorkersFailing = "WorkersFailing"
	// ConditionScalingActive, ConditionAbleToScale and ConditionScalingLimited say what HorizontalPodAutoscalers say by them: whether enough is known
	// to decide, whether the number of workers can be changed, and whether another one would be needed than there can be. The autoscaler's
	// reasons are in docs/reference/autoscaling.md.
	ConditionScalingActive  = "ScalingActive"
	ConditionAbleToScale    = "AbleToScale"
	ConditionScalingLimited = "ScalingLimited"
	// ConditionSkewDetected says that one task is more than a worker can do, and others of its stage are far from it.
	ConditionSkewDetected = "SkewDetected"
	// ConditionTwoOwners is present while somebody else changes spec.parallelism of a job that the autoscaler has.
	ConditionTwoOwners = "TwoOwners"
	// ConditionPaused is present while a StreamTopic is left as it is because of AnnotationPaused.
	ConditionPaused = "Paused"
	// ConditionUnmanaged is present while a StreamTopic is only looked at because of AnnotationManaged.
	ConditionUnmanaged = "Unmanaged"
)

// SaysMost returns the condition of a job that says most of it: of what keeps it from going on, before what it is doing. It is nil where the operator
// has not seen the job.
func SaysMost(conditions []metav1.Condition) *metav1.Condition {
	for _, name := range []string{ConditionStalled, ConditionReconciling, ConditionSuspended, ConditionReady} {
		for i := range conditions {
			if conditions[i].Type == name {
				return &conditions[i]
			}
		}
	}
	return nil
}

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
	// ReasonBrokersUnreachable is that no broker answers.
	ReasonBrokersUnreachable = "BrokersUnreachable"
	// ReasonBrokersUntrusted is that brokers, or a token's server, have a certificate that the connection's authorities do not
	// vouch for, or speak no TLS.
	ReasonBrokersUntrusted = "BrokersUntrusted"
	// ReasonSecretNotFound is that a Secret or a ConfigMap of a connection, or a key of it, is not there.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonSecretInvalid is that what is in it can't be used: not PEM, or a key of another certificate.
	ReasonSecretInvalid = "SecretInvalid"
	// ReasonSecretUnreadable is that the API server does not give it to the operator.
	ReasonSecretUnreadable = "SecretUnreadable"
	// ReasonAuthenticationFailed is that brokers, or a token's server, do not take the user, password, token or certificate.
	ReasonAuthenticationFailed = "AuthenticationFailed"
	// ReasonAuthorizationFailed is that an ACL is missing.
	ReasonAuthorizationFailed = "AuthorizationFailed"
	// ReasonKafkaError is that a broker refused for another cause.
	ReasonKafkaError        = "KafkaError"
	ReasonInvalidQuery      = "InvalidQuery"
	ReasonInvalidTemplate   = "InvalidTemplate"
	ReasonStateChanged      = "StateChanged"
	ReasonStateFound        = "StateFound"
	ReasonSavepointing      = "Savepointing"
	ReasonSavepointFailed   = "SavepointFailed"
	ReasonSavepointsMissing = "SavepointsMissing"
	ReasonRolledBack        = "RolledBack"
	ReasonGivenUp           = "GivenUp"
	// ReasonHeld is that a job was stopped at its last commit, as its new version has failed on probation.
	ReasonHeld = "Held"
	// ReasonReplayed is that a job has gone back to the savepoint of before an upgrade, and writes again what was written since.
	ReasonReplayed           = "Replayed"
	ReasonSuspended          = "Suspended"
	ReasonProbation          = "Probation"
	ReasonPlanAccepted       = "PlanAccepted"
	ReasonEpochStarted       = "EpochStarted"
	ReasonDeleting           = "Deleting"
	ReasonInUse              = "InUse"
	ReasonMorePartitions     = "MorePartitions"
	ReasonPlanMissing        = "PlanMissing"
	ReasonTopicCreated       = "TopicCreated"
	ReasonTopicAdopted       = "TopicAdopted"
	ReasonTopicAltered       = "TopicAltered"
	ReasonTopicExists        = "TopicExists"
	ReasonTopicDiffers       = "TopicDiffers"
	ReasonTopicReplaced      = "TopicReplaced"
	ReasonTopicMissing       = "TopicMissing"
	ReasonTopicDeleted       = "TopicDeleted"
	ReasonTopicGrown         = "TopicGrown"
	ReasonTopicLeft          = "TopicLeft"
	ReasonInternalTopicsLeft = "InternalTopicsLeft"
	ReasonDriftReverted      = "DriftReverted"
	ReasonPaused             = "Paused"
	ReasonUnmanaged          = "Unmanaged"
	ReasonResourceConflict   = "ResourceConflict"
	ReasonPartitionsShrink   = "PartitionsShrink"
	ReasonReplicasDiffer     = "ReplicasDiffer"
	ReasonStepFailed         = "StepFailed"
	// ReasonImagePullFailed is that a worker's image can't be had: it does not exist, the registry wants to know who asks, or is away.
	ReasonImagePullFailed = "ImagePullFailed"
	// ReasonTrial is that a version is tried while the one before runs.
	ReasonTrial = "Trial"
	// ReasonTrialPassed is that it has passed, and takes over.
	ReasonTrialPassed = "TrialPassed"
	// ReasonTrialFailed is that it has not, and does not take over.
	ReasonTrialFailed = "TrialFailed"
	// ReasonTrialSkipped is that a version takes over without a trial, since no worker of the job works.
	ReasonTrialSkipped = "TrialSkipped"
	// ReasonTrialLeft is that something of a trial could not be deleted.
	ReasonTrialLeft = "TrialLeft"
	// ReasonContainerConfigError is that the kubelet can't make the container of its pod's template.
	ReasonContainerConfigError = "ContainerConfigError"
	// ReasonWorkerCrashes is that a worker ends again and again.
	ReasonWorkerCrashes = "WorkerCrashes"
	// ReasonOutOfMemory is that a worker was ended for taking more memory than its limit.
	ReasonOutOfMemory = "OutOfMemory"
	// ReasonWorkerLost is that a worker's node is not heard of, and that another worker takes its place.
	ReasonWorkerLost = "WorkerLost"
	// ReasonUnschedulable is that no node takes the pod.
	ReasonUnschedulable = "Unschedulable"
	// ReasonClaimPending is that no node takes the pod, whose volume is not there either: its storage class is missing or has no room.
	ReasonClaimPending = "ClaimPending"
	// ReasonVolumeMissing is that the pod waits for a Secret or a ConfigMap that it mounts, or for a key of one.
	ReasonVolumeMissing = "VolumeMissing"
	// ReasonPodsMissing is that pods have not been made: a quota or an admission policy forbids them.
	ReasonPodsMissing = "PodsMissing"
	// ReasonScaledToZero is that the autoscaler has taken all workers away, since nothing arrives.
	ReasonScaledToZero = "ScaledToZero"
	// ReasonParallelismChanged is that spec.parallelism is another one than when the autoscaler took over.
	ReasonParallelismChanged = "ParallelismChanged"
	// ReasonScaledByOther is that somebody writes spec.parallelism through the scale subresource.
	ReasonScaledByOther = "ScaledByOther"
)

// What a user says about state that was found of an earlier job of the same name: see ReasonStateFound.
const (
	// AnnotationFoundState is the annotation on a StreamJob that says what to do about it. The operator takes it off once
	// it has done so: it counts once.
	AnnotationFoundState = "millrace.dev/found-state"
	// FoundStateDelete deletes the earlier job's internal topics and its consumer group, and starts the job empty.
	FoundStateDelete = "Delete"
)

// What a user says about the admission webhook.
const (
	// LabelAdmission is the label on an object that says whether the webhook is asked about it.
	LabelAdmission = "millrace.dev/admission"
	// AdmissionSkip takes every change of the object as it comes; the reconcilers look at it all the same.
	AdmissionSkip = "Skip"
)

// What a user says about a StreamTopic besides its spec.
const (
	// AnnotationPaused is the annotation that, while it is "true", keeps the operator from looking at the topic and from
	// changing it. A StreamTopic that is deleted meanwhile still goes by its deletion policy.
	AnnotationPaused = "millrace.dev/paused"
	// AnnotationManaged is the annotation that, while it is "false", has the operator only look at the topic: it is somebody
	// else's, is never changed, and stays when the StreamTopic goes. Managed again, it is adopted by policy.
	AnnotationManaged = "millrace.dev/managed"
)
